import { operation } from '../program/operation.ts';
import type { Tensor } from '../program/tensor.ts';
import { multiply } from './multiply.ts';
import { scale } from './scale.ts';

const op = operation<{ x: Tensor }, 'y'>('square', {
  shape: ({ x }) => ({ y: { shape: x.shape } }),
  gradient: ({ inputs: { x }, gradients: { y: dy } }) => ({ x: multiply(dy!, scale(x, 2)) }),
});

/** y = x² */
export function square(x: Tensor): Tensor {
  return op({ x }, {}).y;
}
