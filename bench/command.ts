import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { Backend } from '../lib/backend/backend.ts';
import { backendNames, backends } from '../lib/backend/index.ts';

/** A command line that cannot be obeyed: one line on standard error and exit code 2. */
export class UsageError extends Error {}

export async function runCommand(main: (args: readonly string[]) => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (!(error instanceof UsageError) && code !== 'ERR_BACKEND') throw error;
    console.error(`bench: ${message}`);
    process.exitCode = 2;
  }
}

/** @throws UsageError for flags that do not exist */
export function parse<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

export function positive(option: string, text: string, whole = false): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value)) || (whole && !Number.isInteger(value)))
    throw new UsageError(`--${option}: expected a positive ${whole ? 'whole ' : ''}number, got ${text}`);
  return value;
}

export function openBackend(name: string): Backend {
  const known = backendNames.find(each => each === name);
  if (!known) throw new UsageError(`--backend: expected one of ${backendNames.join(', ')}, got ${name}`);
  return backends[known]();
}
