import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Launch, Missing } from './platform.ts';

type Environment = Launch['environment'];

export const root = resolve(import.meta.dirname, '../..');

/** A version that runs TypeScript without a loader, which would have to be one for the platform too: 22.18 or newer. */
export const node = '22';

/** @throws Missing where one of the commands is; the values say which of Debian's packages has it */
export function need(tools: Readonly<Record<string, string>>): void {
  const missing = Object.entries(tools).flatMap(([tool, name]) => (works(tool) ? [] : [name]));
  if (missing.length > 0)
    throw new Missing(`install ${[...new Set(missing)].join(', ')} (the names of Debian's packages)`);
}

/** @throws Missing on any other */
export function needLinuxX64(): void {
  if (`${process.platform}-${process.arch}` !== 'linux-x64') throw new Missing('needs Linux on x64');
}

/** Builds the addon with cmake/<platform>.cmake. Returns the folder in which node-gyp-build finds it below prebuilds/. */
export function crossBuild(platform: string): string {
  const folder = folderOf(platform);
  const options = [`-DCMAKE_TOOLCHAIN_FILE=cmake/${platform}.cmake`, '-DCMAKE_COMPILE_WARNING_AS_ERROR=ON'];
  options.push(`-DCMAKE_LIBRARY_OUTPUT_DIRECTORY=${join(folder, 'prebuilds', platform)}`);
  run('cmake', ['-S', root, '-B', folder, ...options]);
  run('cmake', ['--build', folder, '--parallel', String(availableParallelism())]);
  return folder;
}

/** What is made for a platform. */
export function folderOf(platform: string): string {
  return join(root, `build-${platform}`);
}

/**
 * A file of an npm package, which is fetched where it is not there yet, for whatever platform it is.
 * @throws Missing where the registry does not answer
 */
export function fromRegistry(platform: string, name: string, version: string, file: string): string {
  const home = join(folderOf(platform), 'npm');
  const found = join(home, 'node_modules', name, file);
  if (existsSync(found)) return found;
  const install = ['install', '--no-save', '--prefix', home, '--force', '--ignore-scripts', `${name}@${version}`];
  try {
    run('npm', install);
  } catch {
    throw new Missing(`it could not be fetched: npm ${install.join(' ')}`);
  }
  return found;
}

/** @throws with all that it said where it fails */
export function run(command: string, args: readonly string[], environment: Environment = {}): void {
  const { passed, said } = attempt(command, args, environment);
  if (!passed) throw new Error(`${command} ${args.join(' ')} failed:\n${said}`);
}

/**
 * Runs to the end, from the root of the project. What is said goes by way of a file: Node for Windows cannot write to the pipes
 * that Wine has for it, and what Wine leaves running would keep them open.
 */
export function attempt(command: string, args: readonly string[], environment: Environment = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'recurra-platform-'));
  const file = join(folder, 'said');
  const out = openSync(file, 'w');
  try {
    const env = { ...process.env, ...environment };
    const { status, error } = spawnSync(command, args, { cwd: root, env, stdio: ['ignore', out, out] });
    return { passed: status === 0, said: error ? error.message : readFileSync(file, 'utf8') };
  } finally {
    closeSync(out);
    rmSync(folder, { recursive: true });
  }
}

function works(command: string): boolean {
  return !spawnSync(command, ['--version'], { stdio: 'ignore' }).error;
}
