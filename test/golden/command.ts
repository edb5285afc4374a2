import { parseArgs } from 'node:util';
import type { Backend } from '../../lib/backend/backend.ts';
import { js } from '../../lib/backend/js-backend.ts';
import { native } from '../../lib/backend/native-backend.ts';
import { failure, rangeError } from '../../lib/errors.ts';
import { readCases } from './manifest.ts';
import { failureLines, summaryLines } from './report.ts';
import { runCase } from './run.ts';

const usage =
  'usage: golden DIR [--backend native|js] [--isa scalar|avx2|avx512|avx512_bf16|neon] [--precision float32|float64]';

const choices = {
  backend: ['native', 'js'],
  isa: ['scalar', 'avx2', 'avx512', 'avx512_bf16', 'neon'],
  precision: ['float32', 'float64'],
} as const;

type Choice<C extends keyof typeof choices> = (typeof choices)[C][number];

export interface Output {
  line(text: string): void;
  error(text: string): void;
}

/** Runs every case of a folder. Answers the exit code: 0 when all pass, 1 when some fail, 2 when nothing could be run. */
export async function golden(args: readonly string[], output: Output): Promise<0 | 1 | 2> {
  let backend: Backend | undefined;
  try {
    const { folder, ...options } = parse(args);
    const cases = readCases(folder);
    backend = open(options);
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
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { backend: { type: 'string' }, isa: { type: 'string' }, precision: { type: 'string' } },
  });
  const [folder, ...rest] = positionals;
  if (folder === undefined || rest.length > 0) throw rangeError('ERR_ARGUMENT', usage);
  return {
    folder,
    backend: choose('backend', values.backend) ?? 'native',
    isa: choose('isa', values.isa),
    precision: choose('precision', values.precision) ?? 'float32',
  };
}

function choose<C extends keyof typeof choices>(flag: C, value: string | undefined): Choice<C> | undefined {
  const allowed: readonly string[] = choices[flag];
  if (value !== undefined && !allowed.includes(value))
    throw rangeError('ERR_ARGUMENT', `--${flag} must be one of ${allowed.join(', ')}, got ${value}`);
  return value as Choice<C> | undefined;
}

function open({ backend, isa, precision }: Omit<ReturnType<typeof parse>, 'folder'>): Backend {
  if (backend === 'js') {
    if (isa) throw failure('ERR_ARGUMENT', `--isa ${isa} chooses among native kernels; the js backend has none`);
    return js({ precision });
  }
  if (precision === 'float64')
    throw failure('ERR_ARGUMENT', 'the native backend computes in float32 only; use --backend js for float64');
  return native(isa ? { isa } : {});
}
