import type { Limits } from '../backend/backend.ts';

/** The better of two readings: what else used the processor made the other low. */
export function higher(one: Limits, other: Limits): Limits {
  return { peak: Math.max(one.peak, other.peak), bandwidth: Math.max(one.bandwidth, other.bandwidth) };
}
