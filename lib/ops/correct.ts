import { rangeError } from '../errors.ts';
import { operation } from '../program/operation.ts';
import { describeShape } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';

const op = operation<{ logits: Tensor; targets: Tensor }, 'count', { ignore?: number | undefined }>('correct', {
  shape: ({ logits, targets }) => {
    const binary = targets.dtype === 'real';
    if (!binary && logits.shape.length !== 2)
      throw rangeError(
        'ERR_SHAPE',
        `correct: logits have shape ${describeShape(logits.shape)}, expected [rows, classes]`,
      );
    return { count: { shape: [] } };
  },
});

/**
 * How many rows are right. logits [rows, C] and targets int32 [rows]: the largest logit (the first of equals) is the
 * target's. logits and real targets of one shape: logit > 0 just where target > ½. Rows with target `ignore` do not count.
 */
export function correct(logits: Tensor, targets: Tensor, { ignore }: { ignore?: number | undefined } = {}): Tensor {
  return op({ logits, targets }, { ignore }).count;
}
