import type { Dimension, Shape } from '../program/shape.ts';

/** How a loss over rows becomes one number: their (weighted) mean, their sum, or not at all. */
export type Reduction = 'mean' | 'sum' | 'none';

export function lossShape(reduction: Reduction, rows: readonly Dimension[]): Shape {
  return reduction === 'none' ? rows : [];
}
