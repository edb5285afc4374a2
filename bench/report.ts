import { aligned } from './aligned.ts';
import type { ContenderName } from './contenders.ts';
import type { Result, Timed } from './contest.ts';
import { threadCount } from './machine.ts';
import { shareOfPeak } from './peak.ts';
import type { Held } from './schedule.ts';
import { isRagged, tokensOf, type Workload } from './workloads.ts';

/** GF/s by number of threads. */
export type Peaks = ReadonlyMap<number, number>;

/** One line of JSON per contender that was timed; with peaks, also how good its time is and how near its answer. */
export function jsonLines({ workload, results }: Held, peaks?: Peaks): string[] {
  const native = timeOf('native', results);
  const ragged = raggedEfficiency(workload, results);
  return timed(results).map(({ contender, threads, outcome: { msMedian, msMin, agreement } }) =>
    JSON.stringify({
      contender,
      workload: workload.name,
      threads,
      ms_median: round(msMedian),
      ms_min: round(msMin),
      tokens_per_s: round(tokensPerSecond(workload, msMedian)),
      ...(peaks && {
        share_of_peak: round(shareOfPeak(workload, msMedian, peaks.get(threads)!), 4),
        ratio: native === undefined ? null : round(msMedian / native, 4),
        agreement: round(agreement, 2),
        ...(ragged !== undefined && contender === 'native' && { ragged_efficiency: round(ragged, 4) }),
      }),
    }),
  );
}

/** Why the others were not. */
export function notices({ workload, results }: Held): string[] {
  return results.flatMap(({ contender, outcome }) =>
    outcome.kind === 'timed' || outcome.kind === 'refuses'
      ? []
      : [`${workload.name}: ${contender} ${label(outcome.kind)}: ${outcome.reason}`],
  );
}

/** Who the contenders are, each setting once in a run. */
export class Introductions {
  private readonly made = new Set<string>();

  of(results: readonly Result[]): string[] {
    const fresh = results
      .filter(({ settings }) => settings !== '')
      .map(({ contender, settings }) => `${contender}: ${settings}`)
      .filter(line => !this.made.has(line));
    for (const line of fresh) this.made.add(line);
    return fresh;
  }
}

/** A table for people: the fastest first, and how many times as long as native each takes, or js where native is not there. */
export function table({ workload, threads, results }: Held, peaks?: Peaks): string {
  const done = timed(results).sort((a, b) => a.outcome.msMedian - b.outcome.msMedian);
  const ours = (['native', 'wasm', 'js'] as const).find(name => timeOf(name, results) !== undefined);
  const rows = [
    [
      '',
      'ms median',
      'min',
      'tokens/s',
      ours ? `× ${ours}` : '',
      ...(peaks ? ['% of peak', 'apart'] : []),
      'steps',
      '',
    ],
    ...done.map(({ contender, threads: own, settings, outcome: { msMedian, msMin, steps, rounds, agreement } }) => [
      contender,
      duration(msMedian),
      duration(msMin),
      tokensPerSecond(workload, msMedian).toLocaleString('en', { maximumSignificantDigits: 4 }),
      ours ? (msMedian / timeOf(ours, results)!).toFixed(2) : '',
      ...(peaks
        ? [(100 * shareOfPeak(workload, msMedian, peaks.get(own)!)).toFixed(1), agreement.toExponential(1)]
        : []),
      `${steps} in ${rounds}`,
      own === threads ? settings : `${settings}; ${threadCount(own)}`,
    ]),
  ];
  const lines = aligned(rows, [0, rows[0]!.length - 1]);
  const others = results.flatMap(({ contender, outcome }) =>
    outcome.kind === 'timed' ? [] : [`${contender} ${label(outcome.kind)}: ${outcome.reason}`],
  );
  const ragged = raggedEfficiency(workload, results);
  if (ragged !== undefined) others.push(`ragged efficiency ${(100 * ragged).toFixed(1)} %`);
  const title = `${workload.name}, ${threadCount(threads)}, ${tokensOf(workload).toLocaleString('en')} tokens a step`;
  return [title, ...[...lines, ...others].map(line => `  ${line}`), ''].join('\n');
}

/** How much faster native is than when it pads, of how much faster it could be: 1 where a step's time goes with its tokens. */
export function raggedEfficiency(workload: Workload, results: readonly Result[]): number | undefined {
  const native = timeOf('native', results);
  const padded = timeOf('native-padded', results);
  if (native === undefined || padded === undefined || !isRagged(workload)) return undefined;
  return padded / native / ((workload.steps * workload.batch) / tokensOf(workload));
}

function timeOf(name: ContenderName, results: readonly Result[]): number | undefined {
  return timed(results).find(({ contender }) => contender === name)?.outcome.msMedian;
}

function timed(results: readonly Result[]): (Result & { outcome: Timed })[] {
  return results.filter((result): result is Result & { outcome: Timed } => result.outcome.kind === 'timed');
}

function tokensPerSecond(workload: Workload, ms: number): number {
  return (tokensOf(workload) * 1000) / ms;
}

const label = (kind: Exclude<Result['outcome']['kind'], 'timed'>) =>
  ({ refuses: 'does not take part', absent: 'is absent', failed: 'failed', disagrees: 'disagrees' })[kind];

const round = (value: number, digits = 6) => Number(value.toPrecision(digits));
const duration = (ms: number) => (ms < 1 ? ms.toFixed(4) : ms < 100 ? ms.toFixed(2) : ms.toFixed(1));

/** Whether this project's own contenders did what they should: anything else is a bug here. */
export function oursFailed(results: readonly Result[]): boolean {
  const isOurs = (name: ContenderName) => name === 'js' || name === 'wasm' || name.startsWith('native');
  return results.some(
    ({ contender, outcome }) => isOurs(contender) && (outcome.kind === 'failed' || outcome.kind === 'disagrees'),
  );
}
