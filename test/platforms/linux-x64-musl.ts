import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { here } from './here.ts';
import { Missing, type Platform } from './platform.ts';
import { folderOf, fromRegistry, need, needLinuxX64, root, run } from './tools.ts';

const name = 'linux-x64-musl';
const folder = folderOf(name);
const loader = '/lib/ld-musl-x86_64.so.1';
const libc = 'libc.musl-x86_64.so.1'; // its name on Alpine

/**
 * Linux without glibc. There is no Node for musl in the npm registry, so Bun runs it, which has Node-API and TypeScript; nor has
 * Debian a C++ runtime for musl, so the addon's objects and Debian's own runtime are linked for it (musl/glibc.cc). Shows
 * that the native backend needs nothing of glibc; what is published for Alpine has to be built and tried there.
 */
export const linuxX64Musl: Platform = {
  name,
  isas: here.isas,
  prepare() {
    needLinuxX64();
    need({ 'g++': 'g++', patchelf: 'patchelf', [loader]: 'musl' });
    const bun = fromRegistry(name, '@oven/bun-linux-x64-musl', '1', 'bin/bun');
    const libraries = join(folder, 'lib');
    const addons = join(folder, 'prebuilds', 'linux-x64');
    for (const each of [libraries, addons]) mkdirSync(each, { recursive: true });
    link(join(addons, 'recurra.node'), [...objects(), '-Wl,--exclude-libs,ALL,--gc-sections']);
    link(join(libraries, 'libstdc++.so.6'), ['-Wl,--whole-archive', '-l:libstdc++.a', '-Wl,--no-whole-archive']);
    run('ln', ['--symbolic', '--force', loader, join(libraries, libc)]);
    return {
      command: bun,
      args: [],
      environment: { RECURRA_PREBUILD: folder, LD_LIBRARY_PATH: libraries, BUN_RUNTIME_TRANSPILER_CACHE_PATH: '0' },
    };
  },
};

/** A shared library that asks for musl alone. */
function link(file: string, from: readonly string[]): void {
  const compat = ['-fPIC', '-fvisibility=hidden', join('test', 'platforms', 'musl', 'glibc.cc')];
  const runtime = ['-static-libstdc++', '-static-libgcc', '-Wl,--wrap=__pthread_key_create'];
  run('g++', ['-shared', '-O2', '-o', file, ...compat, ...from, ...runtime]);
  const gone = ['libm.so.6', 'ld-linux-x86-64.so.2'].flatMap(library => ['--remove-needed', library]);
  run('patchelf', [...gone, '--replace-needed', 'libc.so.6', libc, file]);
}

/** What the addon at hand was linked from. @throws Missing where it was not built here */
function objects(): string[] {
  const built = join(root, 'build', 'CMakeFiles', 'recurra.dir');
  if (!existsSync(built)) throw new Missing('there is no native build: npm run build:native');
  return readdirSync(built, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.cc.o') && existsSync(join(root, file.slice(0, -'.o'.length))))
    .map(file => join(built, file));
}
