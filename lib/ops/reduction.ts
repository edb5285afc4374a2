import type { Dimension, Shape } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';
import { mean } from './mean.ts';
import { sum } from './sum.ts';

/** How a loss over rows becomes one number: their (weighted) mean, their sum, or not at all. */
export type Reduction = 'mean' | 'sum' | 'none';

export function lossShape(reduction: Reduction, rows: readonly Dimension[]): Shape {
  return reduction === 'none' ? rows : [];
}

/** Losses of elements, reduced: their mean [] or sum [], or as they are. */
export function reduce(each: Tensor, reduction: Reduction): Tensor {
  if (reduction === 'none') return each;
  return reduction === 'mean' ? mean(each) : sum(each);
}
