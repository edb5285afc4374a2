import type { Feeds, Limits } from '../backend/backend.ts';
import type { ProgramData } from '../program/program.ts';
import { costOf, shapeOf } from './cost.ts';
import { type RunTimes, type RunTimesOptions, timeRuns, warmUp } from './run-times.ts';

/** A program that can be run over and over, with a clock on each of its steps. */
export interface Profiled {
  readonly program: Pick<ProgramData, 'buffers' | 'steps'>;
  /** What tells of the sizes of every run, and of its ids. */
  readonly feeds: Feeds;
  run(): unknown;
  /** As `Executable.times`. */
  times(): ArrayLike<number>;
}

/** A program's runs, and what each of its steps took. */
export interface Profile extends RunTimes, Pick<Profiled, 'program' | 'feeds'> {
  /** Of all runs together, for each step of the program. */
  readonly seconds: ArrayLike<number>;
}

export async function profile(profiled: Profiled, options: RunTimesOptions): Promise<Profile> {
  const { program, feeds } = profiled;
  const run = () => profiled.run();
  await warmUp(run, options);
  profiled.times();
  const times = await timeRuns(run, options);
  return { ...times, program, feeds, seconds: profiled.times() };
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
  /** The rate, of what the machine can do; undefined where that is not known. */
  readonly shareOfLimit: number | undefined;
}

/** What a run takes on the average: the operations, longest first, all in all, and beside them. */
export interface Breakdown {
  /** Undefined where they are not known. */
  readonly limits: Limits | undefined;
  readonly operations: readonly OperationTime[];
  readonly runMs: number;
  readonly outsideMs: number;
}

/** Sets products against the peak and all else against the bandwidth: the roofline. Williams, Waterman & Patterson 2009. */
export function breakdown({ program, feeds, runs, totalMs, seconds }: Profile, limits: Limits | undefined): Breakdown {
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
      shareOfLimit: limits && rate / (flops === undefined ? limits.bandwidth : limits.peak),
    };
  });
  const runMs = totalMs / runs;
  return {
    limits,
    operations: operations.sort((a, b) => b.ms - a.ms),
    runMs,
    outsideMs: runMs - operations.reduce((total, { ms }) => total + ms, 0),
  };
}
