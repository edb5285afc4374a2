import type { Unary } from './twin.ts';

/** y = 1 where x > 0, else 0 */
export const positive: Unary = ({ x }, { y }) => {
  for (let k = 0; k < x.data.length; k++) y.data[k] = x.data[k]! > 0 ? 1 : 0;
};
