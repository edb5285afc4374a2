import { rangeError } from '../errors.ts';
import { operation } from '../program/operation.ts';
import type { Tensor } from '../program/tensor.ts';
import { multiply } from './multiply.ts';
import { subtract } from './subtract.ts';
import { sum } from './sum.ts';

const op = operation<{ x: Tensor }, 'y'>('softmax', {
  shape: ({ x }) => {
    if (x.shape.length === 0) throw rangeError('ERR_SHAPE', 'softmax: x is a scalar, expected at least one axis');
    return { y: { shape: x.shape } };
  },
  gradient: ({ outputs: { y }, gradients: { y: dy } }) => {
    const weighted = multiply(dy!, y);
    return { x: subtract(weighted, multiply(y, sum(weighted, { axis: -1, keep: true }))) };
  },
});

/** yᵢ = e^{xᵢ} / Σⱼ e^{xⱼ} over the last axis. */
export function softmax(x: Tensor): Tensor {
  return op({ x }, {}).y;
}
