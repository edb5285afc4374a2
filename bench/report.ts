import type { ContenderName } from './contenders.ts';
import type { Result, Timed } from './contest.ts';
import { threadCount } from './machine.ts';
import { tokensOf, type Workload } from './workloads.ts';

/** One line of JSON per contender that was timed. */
export function jsonLines(workload: Workload, results: readonly Result[]): string[] {
  return timed(results).map(({ contender, threads, outcome: { msMedian, msMin } }) =>
    JSON.stringify({
      contender,
      workload: workload.name,
      threads,
      ms_median: round(msMedian),
      ms_min: round(msMin),
      tokens_per_s: Number(tokensPerSecond(workload, msMedian).toPrecision(6)),
    }),
  );
}

/** Why the others were not. */
export function notices(workload: Workload, results: readonly Result[]): string[] {
  return results.flatMap(({ contender, outcome }) =>
    outcome.kind === 'timed' || outcome.kind === 'refuses'
      ? []
      : [`${workload.name}: ${contender} ${label(outcome.kind)}: ${outcome.reason}`],
  );
}

/** A table for people: the fastest first, and how many times as long as native each takes. */
export function table(workload: Workload, threads: number, results: readonly Result[]): string {
  const done = timed(results).sort((a, b) => a.outcome.msMedian - b.outcome.msMedian);
  const native = done.find(({ contender }) => contender === 'native')?.outcome.msMedian;
  const rows = [
    ['', 'ms median', 'min', 'tokens/s', native ? '× native' : '', 'steps', ''],
    ...done.map(({ contender, threads: own, settings, outcome: { msMedian, msMin, steps, rounds } }) => [
      contender,
      duration(msMedian),
      duration(msMin),
      tokensPerSecond(workload, msMedian).toLocaleString('en', { maximumSignificantDigits: 4 }),
      native ? (msMedian / native).toFixed(2) : '',
      `${steps} in ${rounds}`,
      own === threads ? settings : `${settings}; ${threadCount(own)}`,
    ]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map(row => row[column]!.length)));
  const lines = rows.map(row =>
    row
      .map((cell, column) =>
        column === 0 || column === 6 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
      )
      .join('  ')
      .trimEnd(),
  );
  const others = results.flatMap(({ contender, outcome }) =>
    outcome.kind === 'timed' ? [] : [`${contender} ${label(outcome.kind)}: ${outcome.reason}`],
  );
  const title = `${workload.name}, ${threadCount(threads)}, ${tokensOf(workload).toLocaleString('en')} tokens a step`;
  return [title, ...[...lines, ...others].map(line => `  ${line}`), ''].join('\n');
}

function timed(results: readonly Result[]): (Result & { outcome: Timed })[] {
  return results.filter((result): result is Result & { outcome: Timed } => result.outcome.kind === 'timed');
}

function tokensPerSecond(workload: Workload, ms: number): number {
  return (tokensOf(workload) * 1000) / ms;
}

const label = (kind: Exclude<Result['outcome']['kind'], 'timed'>) =>
  ({ refuses: 'does not take part', absent: 'is absent', failed: 'failed', disagrees: 'disagrees' })[kind];

const round = (ms: number) => Number(ms.toPrecision(6));
const duration = (ms: number) => (ms < 1 ? ms.toFixed(4) : ms < 100 ? ms.toFixed(2) : ms.toFixed(1));

/** Whether this project's own contenders did what they should: anything else is a bug here. */
export function oursFailed(results: readonly Result[]): boolean {
  const ours: readonly ContenderName[] = ['native', 'js'];
  return results.some(
    ({ contender, outcome }) => ours.includes(contender) && (outcome.kind === 'failed' || outcome.kind === 'disagrees'),
  );
}
