import { addon } from '../lib/backend/load.ts';
import { native } from '../lib/index.ts';
import { UsageError } from './command.ts';
import { operationsOf, type Workload } from './workloads.ts';

/** GF/s of fused multiply-adds on so many threads, by instruction set. */
export type Peak = Readonly<Record<string, number>>;

/** @param only one instruction set @throws UsageError where there is no native build, or not that instruction set */
export async function measurePeak(threads: number, only?: string): Promise<Peak> {
  if (!addon) throw new UsageError('the FMA peak cannot be measured: there is no native build (npm run build:native)');
  const isas = addon.isas.filter(isa => only === undefined || isa === only);
  if (isas.length === 0) throw new UsageError(`this processor has ${addon.isas.join(', ')}, not ${only}`);
  const peak: Record<string, number> = {};
  for (const isa of isas) {
    const backend = native({ threads, isa });
    peak[backend.isa] = Number((await backend.limits!()).peak.toFixed(1));
    await backend.close();
  }
  return peak;
}

/** The rate that the best instruction set reached in any of the readings. */
export function highest(...readings: readonly Peak[]): number {
  return Math.max(...readings.flatMap(reading => Object.values(reading)));
}

/** The share of the peak, in GF/s, at which a step that takes so many milliseconds does the operations that it must. */
export function shareOfPeak(workload: Workload, ms: number, peak: number): number {
  return operationsOf(workload) / (ms * 1e6) / peak;
}
