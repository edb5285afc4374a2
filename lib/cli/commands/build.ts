import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { failure } from '../../errors.ts';
import { inPackage } from '../../package-root.ts';
import { wholeNumber } from '../options.ts';

export function buildCommand(signal: AbortSignal): Command {
  return new Command('build')
    .description('Build the native backend here from its sources, with CMake and a C++ compiler.')
    .option(
      '--jobs <n>',
      'files to compile at the same time (default: one per processor)',
      wholeNumber({ min: 1, max: 256 }),
    )
    .action(options => build(options, signal));
}

/**
 * Puts build/Release/recurra.node into the package, where it goes before a prebuilt one, and says what computes then. What CMake
 * says goes to stderr.
 * @throws ERR_BACKEND where a tool is missing or the build fails; nothing is changed then
 */
async function build({ jobs = availableParallelism() }: { jobs?: number }, signal: AbortSignal): Promise<void> {
  expectTools();
  const folder = await mkdtemp(join(tmpdir(), 'recurra-build-'));
  try {
    await run(
      'cmake',
      ['-S', fileURLToPath(inPackage()), '-B', folder, ...generator(), `-DCMAKE_JS_INC=${headers()}`],
      signal,
    );
    await run('cmake', ['--build', folder, '--config', 'Release', '--parallel', String(jobs)], signal);
    await install(join(folder, 'recurra.node'), fileURLToPath(inPackage('build/Release/recurra.node')));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  await run(process.execPath, [...process.execArgv, process.argv[1]!, 'info'], signal, 'inherit');
}

/** @throws ERR_BACKEND with the names of those that are not there */
function expectTools(): void {
  const tools: Record<string, readonly (string | undefined)[]> = {
    CMake: ['cmake'],
    'a C++ compiler': [process.env.CXX, 'c++', 'g++', 'clang++'],
    'make or Ninja': ['make', 'ninja'],
  };
  const missing = Object.entries(tools).flatMap(([name, commands]) => (commands.some(works) ? [] : [name]));
  if (missing.length === 0) return;
  const install =
    process.platform === 'darwin' ? 'xcode-select --install; brew install cmake' : 'apt install cmake g++ make';
  throw failure(
    'ERR_BACKEND',
    `build: not found here: ${missing.join(', ')}; install what is missing (for example: ${install}), then run \`npx recurra build\` again`,
  );
}

/** CMake's default is make. */
function generator(): string[] {
  return works('make') ? [] : ['-G', 'Ninja'];
}

function works(command: string | undefined): boolean {
  return command !== undefined && !spawnSync(command, ['--version'], { stdio: 'ignore' }).error;
}

function headers(): string {
  const { resolve } = createRequire(import.meta.url);
  return [join(dirname(resolve('node-api-headers')), 'include'), dirname(resolve('node-addon-api'))].join(';');
}

/** Never leaves half a file there. */
async function install(built: string, place: string): Promise<void> {
  const beside = `${place}.new`;
  try {
    await mkdir(dirname(place), { recursive: true });
    await cp(built, beside);
    await rename(beside, place);
  } catch (cause) {
    throw failure('ERR_FILE', `build: ${place} could not be written (${(cause as Error).message})`, cause);
  }
}

async function run(
  command: string,
  args: readonly string[],
  signal: AbortSignal,
  stdout: 'inherit' | 2 = 2,
): Promise<void> {
  const child = spawn(command, args, { stdio: ['ignore', stdout, 2] });
  const stop = () => child.kill();
  signal.addEventListener('abort', stop);
  const [code] = await once(child, 'close');
  signal.removeEventListener('abort', stop);
  signal.throwIfAborted();
  if (code !== 0) throw failure('ERR_BACKEND', `build: ${command} failed; what it said stands above`);
}
