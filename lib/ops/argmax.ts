import { operation } from '../program/operation.ts';
import type { Tensor } from '../program/tensor.ts';

const op = operation<{ x: Tensor }, 'y'>('argmax', {
  shape: ({ x }) => ({ y: { shape: x.shape.slice(0, -1), dtype: 'int32' } }),
});

/** Index of the largest element along the last axis, the first of equals: int32. */
export function argmax(x: Tensor): Tensor {
  return op({ x }, {}).y;
}
