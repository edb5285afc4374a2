import { operation } from '../program/operation.ts';
import type { Tensor } from '../program/tensor.ts';
import { multiply } from './multiply.ts';
import { positive } from './positive.ts';

const op = operation<{ x: Tensor }, 'y'>('relu', {
  shape: ({ x }) => ({ y: { shape: x.shape } }),
  gradient: ({ outputs: { y }, gradients: { y: dy } }) => ({ x: multiply(dy!, positive(y)) }),
});

/** y = max(x, 0); its derivative at 0 is 0. */
export function relu(x: Tensor): Tensor {
  return op({ x }, {}).y;
}
