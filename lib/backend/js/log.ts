import type { Unary } from './twin.ts';

/** y = ln(x) */
export const log: Unary = ({ x }, { y }) => {
  for (let k = 0; k < x.data.length; k++) y.data[k] = Math.log(x.data[k]!);
};
