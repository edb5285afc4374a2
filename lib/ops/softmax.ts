import { rangeError, typeError } from '../errors.ts';
import { operation } from '../program/operation.ts';
import { describeShape, sameShape } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';
import { multiply } from './multiply.ts';
import { subtract } from './subtract.ts';
import { sum } from './sum.ts';

const op = operation<{ x: Tensor; lengths?: Tensor | undefined }, 'y'>('softmax', {
  shape: ({ x, lengths }) => {
    if (x.shape.length === 0) throw rangeError('ERR_SHAPE', 'softmax: x is a scalar, expected at least one axis');
    if (lengths) checkLengths('softmax', lengths, x);
    return { y: { shape: x.shape } };
  },
  gradient: ({ outputs: { y }, gradients: { y: dy } }) => {
    const weighted = multiply(dy!, y);
    return { x: subtract(weighted, multiply(y, sum(weighted, { axis: -1, keep: true }))) };
  },
});

/** @throws unless lengths are int32, one for each index of the first axis of x, which is not its last */
export function checkLengths(name: string, lengths: Tensor, x: Tensor): void {
  if (lengths.dtype !== 'int32')
    throw typeError('ERR_ARGUMENT', `${name}: lengths must be int32, got ${lengths.dtype}`);
  if (x.shape.length < 2 || !sameShape(lengths.shape, x.shape.slice(0, 1)))
    throw rangeError(
      'ERR_SHAPE',
      `${name}: lengths have shape ${describeShape(lengths.shape)}, expected one for each of the first axis of ${describeShape(x.shape)}`,
    );
}

/** yᵢ = e^{xᵢ} / Σⱼ e^{xⱼ} over the last axis. */
export function softmax(
  x: Tensor,
  {
    lengths,
  }: {
    /**
     * int32, one for each index of the first axis: how much of the last axis counts there; what lies beyond gets exactly 0, and
     * where nothing counts all is 0. One outside 0…extent fails the run with ERR_INDEX.
     */
    lengths?: Tensor | undefined;
  } = {},
): Tensor {
  return op({ x, lengths }, {}).y;
}
