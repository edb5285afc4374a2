import { binaryCrossEntropy as record } from '../ops/binary-cross-entropy.ts';
import { broadcast } from '../ops/broadcast.ts';
import { constant } from '../ops/constant.ts';
import { correct } from '../ops/correct.ts';
import type { Tensor } from '../program/tensor.ts';
import { checkWeights, type Loss, type LossOptions, reductionOf } from './loss.ts';
import { noTarget, reduceWeighted } from './weighted.ts';

export interface BinaryCrossEntropyOptions extends LossOptions {
  /** How much a target of 1 counts against one of 0: for all outputs, or one number each. Default 1. */
  readonly positiveWeight?: number | readonly number[];
  /** One per output: how much it counts. Default: all 1. */
  readonly weights?: readonly number[];
}

/** Two classes, or several labels that may hold at once: one logit each, targets in [0, 1]. Reads logits; gives probabilities. */
export function binaryCrossEntropy(options: BinaryCrossEntropyOptions = {}): Loss {
  const { positiveWeight, weights } = options;
  const reduction = reductionOf('binaryCrossEntropy', options);
  checkWeights('binaryCrossEntropy', 'positiveWeight', [positiveWeight ?? []].flat());
  checkWeights('binaryCrossEntropy', 'weights', weights);
  return {
    name: 'binaryCrossEntropy',
    options: { ...options },
    reduction,
    activation: 'sigmoid',
    targets: 'real',
    record(logits, targets, rowWeights) {
      const measured = record(logits, targets, {
        positiveWeight: positiveWeight === undefined ? undefined : perOutput(positiveWeight, logits),
        weights: weights && broadcast(perOutput(weights, logits), logits.shape),
        reduction: rowWeights ? 'none' : reduction,
      });
      return rowWeights
        ? {
            ...reduceWeighted(measured, rowWeights, reduction),
            correct: correct(logits, targets, { ignore: noTarget }),
          }
        : { loss: measured, correct: correct(logits, targets) };
    },
  };
}

/** [outputs] */
function perOutput(numbers: number | readonly number[], logits: Tensor): Tensor {
  const given = typeof numbers === 'number' ? new Array<number>(logits.shape.at(-1) as number).fill(numbers) : numbers;
  return constant(logits.recording, [given.length], given);
}
