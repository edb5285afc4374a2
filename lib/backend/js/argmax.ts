import type { RealArray } from '../backend.ts';
import type { Integers, Twin, View } from './twin.ts';

/** Index of the largest element along the last axis, the first of equals. */
export const argmax: Twin<{ x: View }, { y: Integers }, object> = ({ x }, { y }) => {
  const columns = x.shape.at(-1)!;
  for (let row = 0; row < y.data.length; row++) y.data[row] = indexOfLargest(x.data, row * columns, columns);
};

export function indexOfLargest(values: RealArray, start: number, count: number): number {
  let largest = 0;
  for (let j = 1; j < count; j++) if (values[start + j]! > values[start + largest]!) largest = j;
  return largest;
}
