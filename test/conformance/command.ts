import { parseArgs } from 'node:util';
import type { Backend } from '../../lib/backend/backend.ts';
import { rangeError } from '../../lib/errors.ts';
import { backendFlags, backendUsage, openBackend } from '../golden/backend-flags.ts';
import type { Output } from '../golden/command.ts';
import { readConformance } from './cases.ts';
import { runConformance } from './run.ts';

const usage = `usage: conformance FILE.json ${backendUsage}`;

/** Runs every case of a file. Answers the exit code: 0 when all pass, 1 when some fail, 2 when nothing could be run. */
export async function conformance(args: readonly string[], output: Output): Promise<0 | 1 | 2> {
  let backend: Backend | undefined;
  try {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: backendFlags });
    const [path, ...rest] = positionals;
    if (path === undefined || rest.length > 0) throw rangeError('ERR_ARGUMENT', usage);
    const { tolerance, cases } = readConformance(path);
    backend = openBackend(values);
    let failed = 0;
    for (const one of cases) {
      const lines = await runConformance(one, tolerance, backend);
      for (const line of lines) output.line(`FAIL ${one.id} ${line}`);
      if (lines.length > 0) failed++;
    }
    output.line(`${cases.length - failed} passed, ${failed} failed`);
    return failed > 0 ? 1 : 0;
  } catch (error) {
    output.error(`conformance: ${error instanceof Error ? error.message : String(error)}`);
    return 2;
  } finally {
    await backend?.close();
  }
}
