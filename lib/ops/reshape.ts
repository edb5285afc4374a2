import { rangeError } from '../errors.ts';
import { operation } from '../program/operation.ts';
import { describeShape, type Shape, sameShape } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';

/** Product of the fixed extents and the sorted list of named sizes: equal for shapes of equally many elements. */
function volume(shape: Shape): string {
  const fixed = shape.reduce<number>((product, extent) => (typeof extent === 'number' ? product * extent : product), 1);
  return [fixed, ...shape.filter(extent => typeof extent === 'string').sort()].join('·');
}

const op = operation<{ x: Tensor }, 'y', { shape: Shape }>('reshape', {
  shape: ({ x }, { shape }) => {
    if (volume(x.shape) !== volume(shape))
      throw rangeError(
        'ERR_SHAPE',
        `reshape: ${describeShape(x.shape)} does not have the elements of ${describeShape(shape)}`,
      );
    return { y: { shape, dtype: x.dtype } };
  },
  gradient: ({ inputs: { x }, gradients: { y: dy } }) => ({ x: reshape(dy!, x.shape) }),
});

/** The same elements in the same order under another shape. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  return sameShape(x.shape, shape) ? x : op({ x }, { shape }).y;
}
