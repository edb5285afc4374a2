import { rangeError } from '../errors.ts';
import { operation } from '../program/operation.ts';
import { describeShape, sameShape } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';

const op = operation<{ logits: Tensor; targets: Tensor }, 'count', { ignore?: number | undefined }>('correct', {
  shape: ({ logits, targets }) => {
    if (targets.dtype === 'int32' && logits.shape.length !== 2)
      throw rangeError(
        'ERR_SHAPE',
        `correct: logits have shape ${describeShape(logits.shape)}, expected [rows, classes]`,
      );
    const expected = targets.dtype === 'int32' ? logits.shape.slice(0, 1) : logits.shape;
    if (!sameShape(targets.shape, expected))
      throw rangeError(
        'ERR_SHAPE',
        `correct: targets have shape ${describeShape(targets.shape)}, expected ${describeShape(expected)}`,
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
