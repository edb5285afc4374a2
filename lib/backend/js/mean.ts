import { type Reduction, reduce } from './sum.ts';
import type { Unary } from './twin.ts';

/** Mean over one axis, or over all; of nothing, 0. */
export const mean: Unary<Reduction> = ({ x }, { y }, reduction) => {
  reduce(x, y, reduction, (total, count) => (count === 0 ? 0 : total / count));
};
