import { rangeError } from '../errors.ts';
import { type Dimension, describeShape, type Shape, sameShape } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';
import { sumTo } from './sum-to.ts';

/** Shape of an element-wise operation on two tensors: axes are matched from the last, an extent of 1 stretches. */
export function broadcastShapes(name: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  const shape: Dimension[] = [];
  for (let axis = -rank; axis < 0; axis++) {
    const p = a.at(axis) ?? 1;
    const q = b.at(axis) ?? 1;
    if (p !== q && p !== 1 && q !== 1)
      throw rangeError(
        'ERR_SHAPE',
        `${name}: shapes ${describeShape(a)} and ${describeShape(b)} do not fit at axis ${axis}`,
      );
    shape.push(p === 1 ? q : p);
  }
  return shape;
}

/** The gradient of a tensor that was stretched: summed over the axes it was stretched along. */
export function unstretch(gradient: Tensor, { shape }: Tensor): Tensor {
  return sameShape(gradient.shape, shape) ? gradient : sumTo(gradient, shape);
}
