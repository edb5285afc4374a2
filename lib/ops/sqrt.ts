import { operation } from '../program/operation.ts';
import type { Tensor } from '../program/tensor.ts';
import { divide } from './divide.ts';
import { scale } from './scale.ts';

const op = operation<{ x: Tensor }, 'y'>('sqrt', {
  shape: ({ x }) => ({ y: { shape: x.shape } }),
  gradient: ({ outputs: { y }, gradients: { y: dy } }) => ({ x: divide(scale(dy!, 0.5), y) }),
});

/** y = √x */
export function sqrt(x: Tensor): Tensor {
  return op({ x }, {}).y;
}
