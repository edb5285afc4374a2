import { operation } from '../program/operation.ts';
import type { Tensor } from '../program/tensor.ts';

const op = operation<{ x: Tensor }, 'y', { factor: number; shift: number }>('scale', {
  shape: ({ x }) => ({ y: { shape: x.shape } }),
  gradient: ({ gradients: { y: dy }, attributes: { factor } }) => ({ x: scale(dy!, factor) }),
});

/** y = factor·x + shift */
export function scale(x: Tensor, factor: number, shift = 0): Tensor {
  return op({ x }, { factor, shift }).y;
}
