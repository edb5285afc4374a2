import { rangeError } from '../errors.ts';
import { operation } from '../program/operation.ts';
import { describeShape } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';
import { slice } from './slice.ts';

interface Padding {
  readonly axis: number;
  readonly before: number;
  readonly after: number;
}

const op = operation<{ x: Tensor }, 'y', Padding>('pad', {
  shape: ({ x }, { axis, before, after }) => {
    const extent = x.shape[axis];
    if (typeof extent !== 'number')
      throw rangeError('ERR_SHAPE', `pad: axis ${axis} of ${describeShape(x.shape)} has no fixed extent`);
    return { y: { shape: x.shape.map((was, at) => (at === axis ? extent + before + after : was)) } };
  },
  gradient: ({ inputs: { x }, gradients: { y: dy }, attributes: { axis, before } }) => ({
    x: slice(dy!, { axis, start: before, stop: before + (x.shape[axis] as number) }),
  }),
});

/** Zeros before and after the elements of an axis of fixed extent. */
export function pad(x: Tensor, { axis, before, after }: Padding): Tensor {
  return before === 0 && after === 0 ? x : op({ x }, { axis, before, after }).y;
}
