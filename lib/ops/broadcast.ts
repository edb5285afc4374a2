import { rangeError } from '../errors.ts';
import { operation } from '../program/operation.ts';
import { describeShape, type Shape, sameShape } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';
import { broadcastShapes } from './binary.ts';
import { sumTo } from './sum-to.ts';

const op = operation<{ x: Tensor }, 'y', { shape: Shape }>('broadcast', {
  shape: ({ x }, { shape }) => {
    if (!sameShape(broadcastShapes('broadcast', x.shape, shape), shape))
      throw rangeError(
        'ERR_SHAPE',
        `broadcast: ${describeShape(x.shape)} cannot be stretched to ${describeShape(shape)}`,
      );
    return { y: { shape } };
  },
  gradient: ({ inputs: { x }, gradients: { y: dy } }) => ({ x: sumTo(dy!, x.shape) }),
});

/** Repeats x along new leading axes and along axes of extent 1. */
export function broadcast(x: Tensor, shape: Shape): Tensor {
  return op({ x }, { shape }).y;
}
