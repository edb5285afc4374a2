import { operation } from '../program/operation.ts';
import type { Tensor } from '../program/tensor.ts';
import { multiply } from './multiply.ts';
import { square } from './square.ts';
import { subtract } from './subtract.ts';

const op = operation<{ x: Tensor }, 'y'>('sigmoid', {
  shape: ({ x }) => ({ y: { shape: x.shape } }),
  gradient: ({ outputs: { y }, gradients: { y: dy } }) => ({ x: multiply(dy!, subtract(y, square(y))) }),
});

/** y = 1 / (1 + e⁻ˣ) */
export function sigmoid(x: Tensor): Tensor {
  return op({ x }, {}).y;
}
