import { rangeError } from '../errors.ts';
import { operation } from '../program/operation.ts';
import { describeShape } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';
import { pad } from './pad.ts';

interface Range {
  readonly axis: number;
  readonly start: number;
  readonly stop: number;
}

const op = operation<{ x: Tensor }, 'y', Range>('slice', {
  shape: ({ x }, { axis, start, stop }) => ({
    y: { shape: x.shape.map((extent, at) => (at === axis ? stop - start : extent)), dtype: x.dtype },
  }),
  gradient: ({ inputs: { x }, gradients: { y: dy }, attributes: { axis, start, stop } }) => ({
    x: pad(dy!, { axis, before: start, after: (x.shape[axis] as number) - stop }),
  }),
});

/** Elements [start, stop) of an axis of fixed extent. Negative axes and bounds count from the end; stop defaults to it. */
export function slice(x: Tensor, { axis, start, stop }: { axis: number; start: number; stop?: number }): Tensor {
  const at = axis < 0 ? axis + x.shape.length : axis;
  const extent = x.shape[at];
  if (typeof extent !== 'number')
    throw rangeError('ERR_SHAPE', `slice: axis ${axis} of ${describeShape(x.shape)} has no fixed extent`);
  const from = start < 0 ? start + extent : start;
  const to = stop === undefined ? extent : stop < 0 ? stop + extent : stop;
  if (!(Number.isInteger(from) && Number.isInteger(to) && 0 <= from && from < to && to <= extent))
    throw rangeError('ERR_SHAPE', `slice: [${start}, ${stop ?? extent}) of axis ${axis} of ${describeShape(x.shape)}`);
  return op({ x }, { axis: at, start: from, stop: to }).y;
}
