import { operation } from '../program/operation.ts';
import type { Tensor } from '../program/tensor.ts';
import { divide } from './divide.ts';

const op = operation<{ x: Tensor }, 'y'>('log', {
  shape: ({ x }) => ({ y: { shape: x.shape } }),
  gradient: ({ inputs: { x }, gradients: { y: dy } }) => ({ x: divide(dy!, x) }),
});

/** y = ln(x) */
export function log(x: Tensor): Tensor {
  return op({ x }, {}).y;
}
