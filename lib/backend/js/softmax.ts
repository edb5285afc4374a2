import type { RealArray } from '../backend.ts';
import type { Unary } from './twin.ts';

/** yᵢ = e^{xᵢ} / Σⱼ e^{xⱼ} over the last axis. */
export const softmax: Unary = ({ x }, { y }) => {
  const columns = x.shape.at(-1)!;
  for (let start = 0; start < x.data.length; start += columns) {
    const total = logSumExp(x.data, start, columns);
    for (let j = start; j < start + columns; j++) y.data[j] = Math.exp(x.data[j]! - total);
  }
};

/** ln Σ eˣ, with the largest x taken out so that nothing overflows. */
export function logSumExp(x: RealArray, start: number, count: number): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let j = start; j < start + count; j++) largest = Math.max(largest, x[j]!);
  let total = 0;
  for (let j = start; j < start + count; j++) total += Math.exp(x[j]! - largest);
  return largest + Math.log(total);
}
