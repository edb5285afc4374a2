import type { Unary } from './twin.ts';

/** y = max(x, 0) */
export const relu: Unary = ({ x }, { y }) => {
  for (let k = 0; k < x.data.length; k++) y.data[k] = Math.max(x.data[k]!, 0);
};
