import type { Unary } from './twin.ts';

/** y = tanh(x) */
export const tanh: Unary = ({ x }, { y }) => {
  for (let k = 0; k < x.data.length; k++) y.data[k] = Math.tanh(x.data[k]!);
};
