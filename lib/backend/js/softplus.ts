import type { Unary } from './twin.ts';

/** y = ln(1 + eˣ) */
export const softplus: Unary = ({ x }, { y }) => {
  for (let k = 0; k < x.data.length; k++)
    y.data[k] = Math.max(x.data[k]!, 0) + Math.log1p(Math.exp(-Math.abs(x.data[k]!)));
};
