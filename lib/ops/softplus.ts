import { operation } from '../program/operation.ts';
import type { Tensor } from '../program/tensor.ts';
import { multiply } from './multiply.ts';
import { sigmoid } from './sigmoid.ts';

const op = operation<{ x: Tensor }, 'y'>('softplus', {
  shape: ({ x }) => ({ y: { shape: x.shape } }),
  gradient: ({ inputs: { x }, gradients: { y: dy } }) => ({ x: multiply(dy!, sigmoid(x)) }),
});

/** y = ln(1 + eˣ), without overflow and, where it is small, to the precision of eˣ. Also −ln σ(−x). */
export function softplus(x: Tensor): Tensor {
  return op({ x }, {}).y;
}
