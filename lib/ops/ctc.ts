import { rangeError, typeError } from '../errors.ts';
import { operation } from '../program/operation.ts';
import { describeShape, sameShape } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';
import { lossShape, type Reduction } from './reduction.ts';

interface Inputs {
  logits: Tensor;
  labels: Tensor;
  labelLengths: Tensor;
  offsets: Tensor;
  order: Tensor;
}
export interface CtcAttributes {
  reduction: Reduction;
  /** The class that stands for no label. Default 0. */
  blank: number;
  /**
   * What labels cost that the frames are too few for, a frame more for each label that repeats its neighbour: 'infinite' (the
   * default) or 'zero'; their gradient is 0.
   */
  impossible: 'infinite' | 'zero';
}

const backward = operation<Inputs & { dLoss: Tensor }, 'logits', CtcAttributes>('ctcGradient', {
  shape: ({ logits }) => ({ logits: { shape: logits.shape } }),
});

const op = operation<Inputs, 'loss', CtcAttributes>('ctc', {
  shape: ({ logits, labels, labelLengths, order }, { reduction, blank }) => {
    const classes = logits.shape[1]!;
    for (const [name, { dtype }] of Object.entries({ labels, labelLengths }))
      if (dtype !== 'int32') throw typeError('ERR_ARGUMENT', `ctc: ${name} must be int32, got ${dtype}`);
    if (labels.shape.length !== 1)
      throw rangeError('ERR_SHAPE', `ctc: labels have shape ${describeShape(labels.shape)}, expected one axis`);
    if (!sameShape(labelLengths.shape, order.shape))
      throw rangeError(
        'ERR_SHAPE',
        `ctc: labelLengths have shape ${describeShape(labelLengths.shape)}, expected ${describeShape(order.shape)}`,
      );
    if (!(Number.isInteger(blank) && blank >= 0 && (typeof classes !== 'number' || blank < classes)))
      throw rangeError('ERR_ARGUMENT', `ctc: blank must be one of the ${classes} classes, got ${blank}`);
    return { loss: { shape: lossShape(reduction, order.shape) } };
  },
  gradient: ({ inputs, gradients: { loss }, attributes }) => ({
    logits: loss && backward({ ...inputs, dLoss: loss }, attributes).logits,
  }),
});

/**
 * Connectionist temporal classification: −ln of the probability that softmax(logits), read frame by frame, spells the labels
 * once repetitions are merged and blanks left out. Graves et al. 2006.
 *
 * logits, a sequence [tokens, C]; labels int32, those of one sequence after the other in the caller's order; labelLengths int32
 * [batch] → loss [], or with reduction 'none' [batch]. The mean divides each loss by the number of its labels (at least 1),
 * then by the batch.
 */
export function ctc(
  logits: Tensor,
  labels: Tensor,
  labelLengths: Tensor,
  { reduction = 'mean', blank = 0, impossible = 'infinite' }: Partial<CtcAttributes> = {},
): Tensor {
  const { layout } = logits;
  if (!layout || logits.shape.length !== 2)
    throw rangeError(
      'ERR_SHAPE',
      `ctc: logits have shape ${describeShape(logits.shape)}, expected a sequence [tokens, classes]`,
    );
  const { offsets, order } = layout;
  return op({ logits, labels, labelLengths, offsets, order }, { reduction, blank, impossible }).loss;
}
