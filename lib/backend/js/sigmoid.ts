import type { Unary } from './twin.ts';

/** σ(x) = 1 / (1 + e⁻ˣ) */
export function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** y = σ(x) */
export const sigmoid: Unary = ({ x }, { y }) => {
  for (let k = 0; k < x.data.length; k++) y.data[k] = logistic(x.data[k]!);
};
