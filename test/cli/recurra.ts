import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../lib/cli/main.ts', import.meta.url));
const tsx = import.meta.resolve('tsx');

/** How a run of the command line ended. */
export interface Outcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A run of the command line from its sources, in a folder. */
export function start(folder: string, args: readonly string[]) {
  const { RECURRA_BACKEND: _, ...env } = process.env;
  return spawn(process.execPath, ['--import', tsx, main, ...args], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

export function recurra(folder: string, ...args: readonly string[]): Promise<Outcome> {
  return outcome(start(folder, args));
}

export function outcome(child: ReturnType<typeof start>): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', text => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', text => (stderr += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', exitCode => resolve({ exitCode, stdout, stderr }));
  });
}

/** The objects of JSON Lines; throws where a line is none. */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
}
