import { operation } from '../program/operation.ts';
import type { Tensor } from '../program/tensor.ts';
import { multiply } from './multiply.ts';
import { scale } from './scale.ts';
import { square } from './square.ts';

const op = operation<{ x: Tensor }, 'y'>('tanh', {
  shape: ({ x }) => ({ y: { shape: x.shape } }),
  gradient: ({ outputs: { y }, gradients: { y: dy } }) => ({ x: multiply(dy!, scale(square(y), -1, 1)) }),
});

/** y = tanh(x) */
export function tanh(x: Tensor): Tensor {
  return op({ x }, {}).y;
}
