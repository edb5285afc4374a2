import type { Unary, View } from './twin.ts';

export interface Reduction {
  readonly axis: number;
  readonly all: boolean;
}

/** Σx over one axis, or over all. */
export const sum: Unary<Reduction> = ({ x }, { y }, reduction) => {
  reduce(x, y, reduction, total => total);
};

/** Sums runs of elements along the axis and hands each sum and the number of its terms to `finish`. */
export function reduce(
  x: View,
  y: View,
  { axis, all }: Reduction,
  finish: (total: number, count: number) => number,
): void {
  const count = all ? x.data.length : x.shape[axis]!;
  const stride = all ? 1 : x.shape.slice(axis + 1).reduce((product, extent) => product * extent, 1);
  for (let k = 0; k < y.data.length; k++) {
    const first = Math.floor(k / stride) * stride * count + (k % stride);
    let total = 0;
    for (let i = 0; i < count; i++) total += x.data[first + i * stride]!;
    y.data[k] = finish(total, count);
  }
}
