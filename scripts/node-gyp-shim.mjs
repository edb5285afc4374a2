#!/usr/bin/env node
// What prebuildify takes for node-gyp: builds this package with cmake-js, in the folder where prebuildify looks for the result.
// RECURRA_CMAKE_OPTIONS: NAME=VALUE, separated by spaces, for CMake.
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values } = parseArgs({ options: { arch: { type: 'string', default: process.arch } }, strict: false });
const options = (process.env.RECURRA_CMAKE_OPTIONS ?? '').split(' ').filter(Boolean);
const { status } = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules', 'cmake-js', 'bin', 'cmake-js'),
    ...['build', '--directory', root, '--out', join(process.cwd(), 'build'), '--arch', values.arch],
    ...['--parallel', String(availableParallelism()), ...options.map(option => `--CD${option}`)],
  ],
  { stdio: 'inherit' },
);
process.exitCode = status ?? 1;
