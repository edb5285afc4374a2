import { blocksAlong } from './axis.ts';
import type { Unary } from './twin.ts';

/** Zeros before and after the elements of an axis. */
export const pad: Unary<{ axis: number; before: number }> = ({ x }, { y }, { axis, before }) => {
  const { count, length, inner } = blocksAlong(y.shape, axis);
  const part = blocksAlong(x.shape, axis).length;
  y.data.fill(0);
  for (let block = 0; block < count; block++)
    y.data.set(x.data.subarray(block * part, (block + 1) * part), block * length + before * inner);
};
