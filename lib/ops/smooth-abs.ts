import { rangeError } from '../errors.ts';
import { operation } from '../program/operation.ts';
import type { Tensor } from '../program/tensor.ts';

interface Attributes {
  beta: number;
}

const backward = operation<{ x: Tensor; dy: Tensor }, 'x', Attributes>('smoothAbsGradient', {
  shape: ({ x }) => ({ x: { shape: x.shape } }),
});

const op = operation<{ x: Tensor }, 'y', Attributes>('smoothAbs', {
  shape: ({ x }, { beta }) => {
    if (!(beta >= 0 && Number.isFinite(beta)))
      throw rangeError('ERR_ARGUMENT', `smoothAbs: beta must be a number of at least 0, got ${beta}`);
    return { y: { shape: x.shape } };
  },
  gradient: ({ inputs: { x }, gradients: { y: dy }, attributes }) => ({ x: backward({ x, dy: dy! }, attributes).x }),
});

/**
 * |x| with its corner rounded: x²/(2β) where |x| < β, else |x| − β/2. The slope is x/β within ±1; with β = 0 it is the sign of
 * x, and 0 at 0. Girshick 2015; times β it is the loss of Huber 1964.
 */
export function smoothAbs(x: Tensor, { beta }: Attributes): Tensor {
  return op({ x }, { beta }).y;
}
