import { eachRow } from './stretch.ts';
import type { Unary } from './twin.ts';

/** Repeats x along new leading axes and along axes of extent 1. */
export const broadcast: Unary = ({ x }, { y }) => {
  eachRow(y.shape, x.shape, y.shape, (row, length, p, step) => {
    for (let j = 0; j < length; j++) y.data[row + j] = x.data[p + j * step]!;
  });
};
