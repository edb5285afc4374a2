import type { Unary } from './twin.ts';

/** y = x² */
export const square: Unary = ({ x }, { y }) => {
  for (let k = 0; k < x.data.length; k++) y.data[k] = x.data[k]! * x.data[k]!;
};
