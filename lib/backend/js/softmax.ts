import type { RealArray } from '../backend.ts';
import type { Unary } from './twin.ts';

/** yᵢ = e^{xᵢ} / Σⱼ e^{xⱼ} over the last axis; the largest x is taken out of both, so that nothing overflows. */
export const softmax: Unary = ({ x }, { y }) => {
  const columns = x.shape.at(-1)!;
  for (let start = 0; start < x.data.length; start += columns) {
    const shift = largestOf(x.data, start, columns);
    let total = 0;
    for (let j = start; j < start + columns; j++) total += y.data[j] = Math.exp(x.data[j]! - shift);
    for (let j = start; j < start + columns; j++) y.data[j]! /= total;
  }
};

/** ln Σ eˣ */
export function logSumExp(x: RealArray, start: number, count: number): number {
  const shift = largestOf(x, start, count);
  let total = 0;
  for (let j = start; j < start + count; j++) total += Math.exp(x[j]! - shift);
  return shift + Math.log(total);
}

function largestOf(x: RealArray, start: number, count: number): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let j = start; j < start + count; j++) largest = Math.max(largest, x[j]!);
  return largest;
}
