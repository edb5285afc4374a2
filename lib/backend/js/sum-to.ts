import { eachRow } from './stretch.ts';
import type { Unary } from './twin.ts';

/** Sums over the axes along which y would be stretched to x. */
export const sumTo: Unary = ({ x }, { y }, _, run) => {
  const sums = run.doubles(y.data.length);
  eachRow(x.shape, y.shape, x.shape, (row, length, q, step) => {
    for (let j = 0; j < length; j++) sums[q + j * step]! += x.data[row + j]!;
  });
  y.data.set(sums);
};
