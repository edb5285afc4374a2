import { parseArgs } from 'node:util';
import type { Backend } from '../../lib/backend/backend.ts';
import { rangeError } from '../../lib/errors.ts';
import { backendFlags, backendUsage, openBackend } from './backend-flags.ts';
import { readCases } from './manifest.ts';
import { failureLines, summaryLines } from './report.ts';
import { runCase } from './run.ts';

const usage = `usage: golden DIR ${backendUsage}`;

export interface Output {
  line(text: string): void;
  error(text: string): void;
}

/** Runs every case of a folder. Answers the exit code: 0 when all pass, 1 when some fail, 2 when nothing could be run. */
export async function golden(args: readonly string[], output: Output): Promise<0 | 1 | 2> {
  let backend: Backend | undefined;
  try {
    const { folder, flags } = parse(args);
    const cases = readCases(folder);
    backend = openBackend(flags);
    const outcomes = [];
    for (const goldenCase of cases) {
      const outcome = await runCase(goldenCase, backend);
      for (const line of failureLines(outcome)) output.line(line);
      outcomes.push(outcome);
    }
    for (const line of summaryLines(outcomes)) output.line(line);
    return outcomes.every(({ passed }) => passed) ? 0 : 1;
  } catch (error) {
    output.error(`golden: ${error instanceof Error ? error.message : String(error)}`);
    return 2;
  } finally {
    await backend?.close();
  }
}

function parse(args: readonly string[]) {
  const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: backendFlags });
  const [folder, ...rest] = positionals;
  if (folder === undefined || rest.length > 0) throw rangeError('ERR_ARGUMENT', usage);
  return { folder, flags: values };
}
