import type { RealArray } from '../backend.ts';
import { lengthOf } from './indices.ts';
import type { Integers, Twin, View } from './twin.ts';

/**
 * yᵢ = e^{xᵢ} / Σⱼ e^{xⱼ} over the last axis, as far as it counts, and 0 beyond; the largest x is taken out of both, so that
 * nothing overflows.
 */
export const softmax: Twin<{ x: View; lengths?: Integers }, { y: View }, object> = ({ x, lengths }, { y }) => {
  const columns = x.shape.at(-1)!;
  const perLength = x.data.length / x.shape[0]!;
  for (let start = 0; start < x.data.length; start += columns) {
    const end = start + (lengths ? lengthOf('softmax', lengths, Math.floor(start / perLength), columns) : columns);
    const shift = largestOf(x.data, start, end - start);
    let total = 0;
    for (let j = start; j < end; j++) total += y.data[j] = Math.exp(x.data[j]! - shift);
    for (let j = start; j < end; j++) y.data[j]! /= total;
    y.data.fill(0, end, start + columns);
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
