import { rangeError } from '../errors.ts';
import { operation } from '../program/operation.ts';
import { describeShape } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';

type Inputs = { x: Tensor; offsets: Tensor; order: Tensor };

const op = operation<Inputs, 'y', { index: number }>('stepAt', {
  shape: ({ x, order }) => ({ y: { shape: [order.shape[0]!, x.shape[1]!] } }),
  gradient: ({ inputs: { x, offsets, order }, gradients: { y: dy }, attributes }) => ({
    x: backward({ dy: dy!, offsets, order }, { ...attributes, tokens: x.shape[0] as string }).x,
  }),
});

const backward = operation<{ dy: Tensor; offsets: Tensor; order: Tensor }, 'x', { index: number; tokens: string }>(
  'stepAtGradient',
  {
    shape: ({ dy }, { tokens }) => ({ x: { shape: [tokens, dy.shape[1]!] } }),
  },
);

/**
 * One step of every sequence, in the caller's order: x [tokens, F] → [batch, F].
 * @param index from the start, or, negative, from each sequence's own end; where a sequence has no such step the row is 0
 */
export function stepAt(x: Tensor, index: number): Tensor {
  const layout = x.layout;
  if (!layout || x.shape.length !== 2)
    throw rangeError(
      'ERR_SHAPE',
      `stepAt: x has shape ${describeShape(x.shape)}, expected a sequence [tokens, features]`,
    );
  if (!Number.isInteger(index))
    throw rangeError('ERR_ARGUMENT', `stepAt: the index must be a whole number, got ${index}`);
  return op({ x, offsets: layout.offsets, order: layout.order }, { index }).y;
}
