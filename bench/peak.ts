import { execFileSync } from 'node:child_process';
import { compiled } from './compile.ts';
import { operationsOf, type Workload } from './workloads.ts';

/** GF/s of fused multiply-adds on so many threads, by instruction set. */
export type Peak = Readonly<Record<string, number>>;

/** @throws Absent where the program does not compile */
export function measurePeak(threads: number): Peak {
  const program = compiled('peak');
  const read = () => JSON.parse(execFileSync(program, [`threads=${threads}`], { encoding: 'utf8' })) as Peak;
  read(); // a processor that was idle reads low
  return read();
}

/** GB/s of a stream from and to memory, far larger than any cache, on so many threads. @throws Absent as `measurePeak` */
export function measureBandwidth(threads: number): number {
  const { triad } = JSON.parse(execFileSync(compiled('bandwidth'), [`threads=${threads}`], { encoding: 'utf8' }));
  return triad as number;
}

/** The rate that the best instruction set reached in any of the readings. */
export function highest(...readings: readonly Peak[]): number {
  return Math.max(...readings.flatMap(reading => Object.values(reading)));
}

/** The share of the peak, in GF/s, at which a step that takes so many milliseconds does the operations that it must. */
export function shareOfPeak(workload: Workload, ms: number, peak: number): number {
  return operationsOf(workload) / (ms * 1e6) / peak;
}
