import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface RunOptions {
  readonly cwd?: string;
  /** In place of this process's own. */
  readonly env?: NodeJS.ProcessEnv;
}

/** What a program says on stdout. @throws with all that it said where it fails */
export function run(command: string, args: readonly string[], options: RunOptions = {}): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    env: environment(),
    ...options,
  });
  if (status === 0) return stdout;
  throw new Error(`${[command, ...args].join(' ')}: ${error?.message ?? `exit code ${status}`}\n${stdout}${stderr}`);
}

/** npm without a shell, so that PATH may be what it likes. */
export function npm(args: readonly string[], options: RunOptions = {}): string {
  return run(process.execPath, [npmProgram(), ...args], options);
}

/** This process's environment, without what npm puts there for what it runs and what steers recurra. */
export function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|RECURRA_|NODE_OPTIONS)/.test(name)),
  );
}

function npmProgram(): string {
  const prefix = dirname(dirname(process.execPath));
  const places = [
    process.env.npm_execpath ?? '',
    join(prefix, 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(dirname(process.execPath), 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    '/usr/share/nodejs/npm/bin/npm-cli.js',
  ];
  const found = places.find(place => place.endsWith('npm-cli.js') && existsSync(place));
  if (!found) throw new Error(`npm was not found; it is none of ${places.join(', ')}`);
  return found;
}
