import { type ContenderName, contenders } from './contenders.ts';
import { type ContestOptions, contest, type Result } from './contest.ts';
import type { Workload } from './workloads.ts';

/** A workload and who takes part. */
export interface Row {
  readonly workload: Workload;
  readonly names: readonly ContenderName[];
}

export interface Held {
  readonly workload: Workload;
  readonly threads: number;
  readonly results: readonly Result[];
}

/** A contest of every row at each number of threads. Those who always use one thread take part at the first number. */
export async function* contests(
  rows: readonly Row[],
  options: ContestOptions & { readonly threads: readonly number[] },
): AsyncGenerator<Held, void, undefined> {
  for (const [index, threads] of options.threads.entries())
    for (const { workload, names } of rows) {
      const taking = index === 0 ? names : names.filter(name => contenders[name].threaded);
      if (taking.length === 0) continue;
      const results = await contest(workload, threads, taking, options, progress);
      progress('');
      yield { workload, threads, results };
    }
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}
