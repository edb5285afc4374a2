import { operation } from '../program/operation.ts';
import type { Tensor } from '../program/tensor.ts';
import { divide } from './divide.ts';
import { fill } from './fill.ts';
import { type ReduceAttributes, type ReduceOptions, reduceAttributes, reducedShape, spread, sum } from './sum.ts';

const op = operation<{ x: Tensor }, 'y', ReduceAttributes>('mean', {
  shape: ({ x }, attributes) => ({ y: { shape: reducedShape('mean', x.shape, attributes) } }),
  gradient: ({ inputs: { x }, gradients: { y: dy }, attributes }) => {
    const { axis, all } = attributes;
    const count = sum(fill(x.recording, all ? x.shape : [x.shape[axis]!], 1));
    return { x: spread(divide(dy!, count), x, attributes) };
  },
});

/** Mean over one axis, or over all of them; of nothing, 0. */
export function mean(x: Tensor, options: ReduceOptions = {}): Tensor {
  return op({ x }, reduceAttributes(x, options)).y;
}
