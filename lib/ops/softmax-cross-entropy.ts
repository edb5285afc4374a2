import { rangeError, typeError } from '../errors.ts';
import { operation } from '../program/operation.ts';
import { describeShape, sameShape } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';
import { lossShape, type Reduction } from './reduction.ts';

interface Inputs {
  logits: Tensor;
  targets: Tensor;
  weights?: Tensor | undefined;
}
interface Attributes {
  reduction: Reduction;
  smoothing: number;
  ignore?: number | undefined;
}

const backward = operation<Inputs & { logSumExp: Tensor; total: Tensor; dLoss: Tensor }, 'logits', Attributes>(
  'softmaxCrossEntropyGradient',
  {
    shape: ({ logits }) => ({ logits: { shape: logits.shape } }),
  },
);

const op = operation<Inputs, 'loss' | 'total' | 'logSumExp', Attributes>('softmaxCrossEntropy', {
  shape: ({ logits, targets, weights }, { reduction, smoothing }) => {
    const [rows, classes] = logits.shape;
    if (logits.shape.length !== 2 || typeof classes !== 'number')
      throw rangeError(
        'ERR_SHAPE',
        `softmaxCrossEntropy: logits have shape ${describeShape(logits.shape)}, expected [rows, classes]`,
      );
    if (targets.dtype !== 'int32')
      throw typeError('ERR_ARGUMENT', `softmaxCrossEntropy: targets must be int32, got ${targets.dtype}`);
    if (!sameShape(targets.shape, [rows!]))
      throw rangeError(
        'ERR_SHAPE',
        `softmaxCrossEntropy: targets have shape ${describeShape(targets.shape)}, expected [${rows}]`,
      );
    if (weights && !sameShape(weights.shape, [classes]))
      throw rangeError(
        'ERR_SHAPE',
        `softmaxCrossEntropy: weights have shape ${describeShape(weights.shape)}, expected [${classes}]`,
      );
    if (!(smoothing >= 0 && smoothing <= 1))
      throw rangeError('ERR_ARGUMENT', `softmaxCrossEntropy: smoothing must be in [0, 1], got ${smoothing}`);
    return { loss: { shape: lossShape(reduction, [rows!]) }, total: { shape: [] }, logSumExp: { shape: [rows!] } };
  },
  gradient: ({ inputs, outputs: { total, logSumExp }, gradients: { loss }, attributes }) => ({
    logits: loss && backward({ ...inputs, total, logSumExp, dLoss: loss }, attributes).logits,
  }),
});

/**
 * Cross-entropy of softmax(logits) against class numbers, from logits, as PyTorch's cross_entropy.
 *
 *   lᵢ = −(1−ε)·w[tᵢ]·log p[i,tᵢ] − (ε/C)·Σ_c w[c]·log p[i,c],   0 where tᵢ = ignore
 *
 * logits [rows, C], targets int32 [rows], weights [C] → loss [] or, with reduction 'none', [rows]; total [] = Σ w[tᵢ] over
 * the targets not ignored, by which the mean divides (the mean over none is 0). A target outside 0…C−1 fails with ERR_INDEX.
 */
export function softmaxCrossEntropy(
  logits: Tensor,
  targets: Tensor,
  { weights, reduction = 'mean', smoothing = 0, ignore }: { weights?: Tensor | undefined } & Partial<Attributes> = {},
): { loss: Tensor; total: Tensor } {
  return op({ logits, targets, weights }, { reduction, smoothing, ignore });
}
