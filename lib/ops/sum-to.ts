import { operation } from '../program/operation.ts';
import type { Shape } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';
import { broadcast } from './broadcast.ts';

const op = operation<{ x: Tensor }, 'y', { shape: Shape }>('sumTo', {
  shape: (_, { shape }) => ({ y: { shape } }),
  gradient: ({ inputs: { x }, gradients: { y: dy } }) => ({ x: broadcast(dy!, x.shape) }),
});

/** Sums over the axes along which `shape` would be stretched to x's: the reverse of `broadcast`. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  return op({ x }, { shape }).y;
}
