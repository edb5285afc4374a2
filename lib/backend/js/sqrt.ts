import type { Unary } from './twin.ts';

/** y = √x */
export const sqrt: Unary = ({ x }, { y }) => {
  for (let k = 0; k < x.data.length; k++) y.data[k] = Math.sqrt(x.data[k]!);
};
