import { rangeError } from '../errors.ts';
import { operation } from '../program/operation.ts';
import { describeShape, sameShape } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';
import { fill } from './fill.ts';
import { type Direction, opposite } from './recurrent.ts';

interface Inputs {
  x: Tensor;
  before?: Tensor | undefined;
  offsets: Tensor;
  order: Tensor;
}

const op = operation<Inputs, 'y' | 'last', { direction: Direction }>('delay', {
  shape: ({ x, before, order }) => {
    const last = [order.shape[0]!, x.shape[1]!];
    if (before && !sameShape(before.shape, last))
      throw rangeError(
        'ERR_SHAPE',
        `delay: before has shape ${describeShape(before.shape)}, expected ${describeShape(last)}`,
      );
    return { y: { shape: x.shape }, last: { shape: last } };
  },
  // What went a step later comes back a step earlier: a delay of the sequences read from their other end.
  gradient: ({ inputs: { x }, gradients: { y, last }, attributes: { direction } }) => {
    const back = delay(y ?? fill(x.recording, x.shape, 0), { before: last, direction: opposite(direction) });
    return { x: back.y, before: back.last };
  },
});

/**
 * Every sequence one step later: x [tokens, F] → y [tokens, F], where each step has what x has at the step before it.
 * @param options.before [batch, F] in the caller's order: what the first steps get; zeros when left out
 * @param options.direction 'backward': the step before is the one nearer to the sequence's end. Default 'forward'
 * @returns also `last` [batch, F]: what a further step would get; of a sequence of length 0 what `before` has
 * @throws ERR_SHAPE
 */
export function delay(
  x: Tensor,
  { before, direction = 'forward' }: { before?: Tensor | undefined; direction?: Direction } = {},
): { y: Tensor; last: Tensor } {
  const { layout } = x;
  if (!layout || x.shape.length !== 2)
    throw rangeError(
      'ERR_SHAPE',
      `delay: x has shape ${describeShape(x.shape)}, expected a sequence [tokens, features]`,
    );
  return op({ x, before, offsets: layout.offsets, order: layout.order }, { direction });
}
