import type { Unary } from './twin.ts';

/** y = factor·x + shift */
export const scale: Unary<{ factor: number; shift: number }> = ({ x }, { y }, { factor, shift }) => {
  for (let k = 0; k < x.data.length; k++) y.data[k] = factor * x.data[k]! + shift;
};
