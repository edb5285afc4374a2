import { operation } from '../program/operation.ts';
import type { Tensor } from '../program/tensor.ts';
import { multiply } from './multiply.ts';

const op = operation<{ x: Tensor }, 'y'>('exp', {
  shape: ({ x }) => ({ y: { shape: x.shape } }),
  gradient: ({ outputs: { y }, gradients: { y: dy } }) => ({ x: multiply(dy!, y) }),
});

/** y = eˣ */
export function exp(x: Tensor): Tensor {
  return op({ x }, {}).y;
}
