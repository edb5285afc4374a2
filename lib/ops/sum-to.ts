import { rangeError } from '../errors.ts';
import { operation } from '../program/operation.ts';
import { describeShape, type Shape, sameShape } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';
import { broadcastShapes } from './binary.ts';
import { broadcast } from './broadcast.ts';

const op = operation<{ x: Tensor }, 'y', { shape: Shape }>('sumTo', {
  shape: ({ x }, { shape }) => {
    if (!sameShape(broadcastShapes('sumTo', shape, x.shape), x.shape))
      throw rangeError('ERR_SHAPE', `sumTo: ${describeShape(shape)} cannot be stretched to ${describeShape(x.shape)}`);
    return { y: { shape } };
  },
  gradient: ({ inputs: { x }, gradients: { y: dy } }) => ({ x: broadcast(dy!, x.shape) }),
});

/** Sums over the axes along which `shape` would be stretched to x's: the reverse of `broadcast`. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  return op({ x }, { shape }).y;
}
