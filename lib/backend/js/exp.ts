import type { Unary } from './twin.ts';

/** y = eˣ */
export const exp: Unary = ({ x }, { y }) => {
  for (let k = 0; k < x.data.length; k++) y.data[k] = Math.exp(x.data[k]!);
};
