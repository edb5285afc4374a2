import { rangeError } from '../errors.ts';
import { operation } from '../program/operation.ts';
import type { Tensor } from '../program/tensor.ts';

interface Bounds {
  readonly low: number;
  readonly high: number;
}

const backward = operation<{ x: Tensor; dy: Tensor }, 'x', Bounds>('clipGradient', {
  shape: ({ x }) => ({ x: { shape: x.shape } }),
});

const op = operation<{ x: Tensor }, 'y', Bounds>('clip', {
  shape: ({ x }, { low, high }) => {
    if (!(low <= high))
      throw rangeError('ERR_ARGUMENT', `clip: low must be a number of at most high, got ${low} and ${high}`);
    return { y: { shape: x.shape } };
  },
  gradient: ({ inputs: { x }, gradients: { y: dy }, attributes }) => ({ x: backward({ x, dy: dy! }, attributes).x }),
});

/** y = min(max(x, low), high). The slope is 1 from low to high, both included, and 0 outside. */
export function clip(x: Tensor, { low, high }: Bounds): Tensor {
  return op({ x }, { low, high }).y;
}
