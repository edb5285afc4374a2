import { rangeError } from '../errors.ts';
import { operation } from '../program/operation.ts';
import { describeShape, sameShape } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';
import { lossShape, type Reduction } from './reduction.ts';

interface Inputs {
  logits: Tensor;
  targets: Tensor;
  positiveWeight?: Tensor | undefined;
  weights?: Tensor | undefined;
}
interface Attributes {
  reduction: Reduction;
}

const backward = operation<Inputs & { dLoss: Tensor }, 'logits', Attributes>('binaryCrossEntropyGradient', {
  shape: ({ logits }) => ({ logits: { shape: logits.shape } }),
});

const op = operation<Inputs, 'loss', Attributes>('binaryCrossEntropy', {
  shape: ({ logits, targets, positiveWeight, weights }, { reduction }) => {
    for (const [name, tensor] of Object.entries({ targets, weights }))
      if (tensor && !sameShape(tensor.shape, logits.shape))
        throw rangeError(
          'ERR_SHAPE',
          `binaryCrossEntropy: ${name} have shape ${describeShape(tensor.shape)}, expected ${describeShape(logits.shape)}`,
        );
    if (positiveWeight && !sameShape(positiveWeight.shape, logits.shape.slice(-1)))
      throw rangeError(
        'ERR_SHAPE',
        `binaryCrossEntropy: positiveWeight has shape ${describeShape(positiveWeight.shape)}, expected ${describeShape(logits.shape.slice(-1))}`,
      );
    return { loss: { shape: lossShape(reduction, logits.shape) } };
  },
  gradient: ({ inputs, gradients: { loss }, attributes }) => ({
    logits: loss && backward({ ...inputs, dLoss: loss }, attributes).logits,
  }),
});

/**
 * Binary cross-entropy of σ(logits) against targets in [0, 1], from logits, as PyTorch's binary_cross_entropy_with_logits.
 *
 *   l = w·(p·y·softplus(−x) + (1−y)·softplus(x))
 *
 * logits, targets and weights w share one shape; positiveWeight p runs along the last axis. The mean divides by the number
 * of elements.
 */
export function binaryCrossEntropy(
  logits: Tensor,
  targets: Tensor,
  {
    positiveWeight,
    weights,
    reduction = 'mean',
  }: { positiveWeight?: Tensor | undefined; weights?: Tensor | undefined } & Partial<Attributes> = {},
): Tensor {
  return op({ logits, targets, positiveWeight, weights }, { reduction }).loss;
}
