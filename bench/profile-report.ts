import type { Feeds } from '../lib/backend/backend.ts';
import { type BarChart, barChart } from '../lib/plots/bar-chart.ts';
import type { ProgramData } from '../lib/program/program.ts';
import { aligned } from './aligned.ts';
import { costOf, shapeOf } from './cost.ts';
import { threadCount } from './machine.ts';

/** What the machine can do at most, on as many threads. */
export interface Limits {
  /** GF/s of fused multiply-adds. */
  readonly peak: number;
  /** GB/s from and to memory. */
  readonly bandwidth: number;
}

/** A workload's program, run so many times. */
export interface Profile {
  readonly workload: string;
  readonly threads: number;
  readonly program: Pick<ProgramData, 'buffers' | 'steps'>;
  readonly feeds: Feeds;
  readonly runs: number;
  /** Of all runs together. */
  readonly wallMs: number;
  /** Of all runs together, for each step of the program. */
  readonly seconds: ArrayLike<number>;
}

/** An operation in one run, on the average. */
export interface OperationTime {
  /** Its number in the program's listing. */
  readonly step: number;
  readonly op: string;
  /** Of its first output. */
  readonly shape: readonly number[];
  readonly ms: number;
  readonly bound: 'products' | 'memory';
  /** GF/s where it does products, GB/s otherwise. */
  readonly rate: number;
  /** The rate, of what the machine can do. */
  readonly shareOfLimit: number;
}

/** The operations, longest first, and what a run takes in all and beside them. */
export interface Breakdown {
  readonly operations: readonly OperationTime[];
  readonly wallMs: number;
  readonly outsideMs: number;
}

export function breakdown({ program, feeds, runs, wallMs, seconds }: Profile, limits: Limits): Breakdown {
  const operations = program.steps.map((step, index): OperationTime => {
    const ms = (seconds[index]! * 1000) / runs;
    const { flops, bytes } = costOf(step, program, feeds);
    const rate = ms > 0 ? (flops ?? bytes) / (ms * 1e6) : 0;
    return {
      step: index,
      op: step.op,
      shape: shapeOf(Object.values(step.outputs)[0]!, program, feeds),
      ms,
      bound: flops === undefined ? 'memory' : 'products',
      rate,
      shareOfLimit: rate / (flops === undefined ? limits.bandwidth : limits.peak),
    };
  });
  const inside = operations.reduce((total, { ms }) => total + ms, 0);
  return {
    operations: operations.sort((a, b) => b.ms - a.ms),
    wallMs: wallMs / runs,
    outsideMs: wallMs / runs - inside,
  };
}

/** One line of JSON per operation, and one for what is outside of them. */
export function profileLines(profile: Profile, limits: Limits): string[] {
  const { workload, threads } = profile;
  const { operations, wallMs, outsideMs } = breakdown(profile, limits);
  const time = (ms: number) => ({ ms: round(ms, 6), share: round(ms / wallMs) });
  return [
    ...operations.map(({ step, op, shape, ms, bound, rate, shareOfLimit }) => ({
      ...{ workload, threads, step, op, shape, ...time(ms) },
      ...(bound === 'products'
        ? { gflops: round(rate), share_of_peak: round(shareOfLimit) }
        : { gbs: round(rate), share_of_bandwidth: round(shareOfLimit) }),
    })),
    { workload, threads, op: 'outside', ...time(outsideMs) },
  ].map(line => JSON.stringify(line));
}

export function profileTable(profile: Profile, limits: Limits): string {
  const { operations, wallMs, outsideMs } = breakdown(profile, limits);
  const time = (ms: number) => [ms.toFixed(ms < 100 ? 3 : 1), percent(ms / wallMs)];
  const rows = [
    ['', 'operation', 'first output', 'ms', '% of step', 'GF/s', '% of peak', 'GB/s', '% of bandwidth'],
    ...operations.map(({ step, op, shape, ms, bound, rate, shareOfLimit }) => {
      const attained = [rate.toFixed(1), percent(shareOfLimit)];
      const columns = bound === 'products' ? [...attained, '', ''] : ['', '', ...attained];
      return [`${step}`, op, describe(shape), ...time(ms), ...columns];
    }),
    ['', 'outside', '', ...time(outsideMs)],
  ];
  const lines = aligned(rows, [1, 2]);
  return [titleOf(profile, wallMs), ...lines.map(line => `  ${line}`)].join('\n');
}

const kinds = ['products: share of the FMA peak', 'memory: share of its bandwidth', 'neither'] as const;
const [products, memory, neither] = kinds;
const mostBars = 15;

/** The same as a picture, profiles one below the other. */
export function profileChart(profiles: readonly Profile[], limitsOf: (profile: Profile) => Limits): string {
  return barChart(
    ...profiles.map((profile): BarChart<(typeof kinds)[number]> => {
      const { operations, wallMs, outsideMs } = breakdown(profile, limitsOf(profile));
      const rest = operations.slice(mostBars);
      const restMs = rest.reduce((total, { ms }) => total + ms, 0);
      return {
        title: titleOf(profile, wallMs),
        label: 'ms per step',
        kinds,
        bars: [
          ...operations.slice(0, mostBars).map(({ step, op, shape, ms, bound, shareOfLimit }) => ({
            name: `${step} ${op} ${describe(shape)}`,
            value: ms,
            kind: bound === 'products' ? products : memory,
            note: `${percent(shareOfLimit)} %`,
          })),
          ...(rest.length > 0 ? [{ name: `${rest.length} more operations`, value: restMs, kind: neither }] : []),
          { name: 'outside the operations', value: Math.max(0, outsideMs), kind: neither },
        ],
      };
    }),
  );
}

function titleOf({ workload, threads, runs }: Profile, wallMs: number): string {
  return `${workload}, ${threadCount(threads)}: ${wallMs.toPrecision(4)} ms a step (mean of ${runs})`;
}

const describe = (shape: readonly number[]) => `[${shape.join(',')}]`;
const percent = (share: number) => (100 * share).toFixed(1);
const round = (value: number, digits = 4) => Number(value.toPrecision(digits));
