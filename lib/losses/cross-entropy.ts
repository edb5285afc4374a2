import { rangeError } from '../errors.ts';
import { constant } from '../ops/constant.ts';
import { correct } from '../ops/correct.ts';
import { gather } from '../ops/gather.ts';
import { multiply } from '../ops/multiply.ts';
import { reshape } from '../ops/reshape.ts';
import { softmaxCrossEntropy } from '../ops/softmax-cross-entropy.ts';
import { sum } from '../ops/sum.ts';
import type { Tensor } from '../program/tensor.ts';
import { checkWeights, type Loss, type LossOptions, reductionOf } from './loss.ts';
import { reduceWeighted } from './weighted.ts';

export interface CrossEntropyOptions extends LossOptions {
  /** Targets of this number do not count. Default: all count. */
  readonly ignore?: number;
  /** One per class: how much a target of that class counts. Default: all 1. */
  readonly weights?: readonly number[];
  /** Share of each target's weight that is spread over all classes, in [0, 1). Default 0. Szegedy et al. 2016. */
  readonly smoothing?: number;
}

/** One of several classes: a logit each, targets are class numbers. Reads logits; gives probabilities that sum to 1. */
export function crossEntropy(options: CrossEntropyOptions = {}): Loss {
  const { ignore, weights, smoothing = 0 } = options;
  const reduction = reductionOf('crossEntropy', options);
  checkWeights('crossEntropy', 'weights', weights);
  if (!(smoothing >= 0 && smoothing < 1))
    throw rangeError('ERR_ARGUMENT', `crossEntropy: smoothing must be in [0, 1), got ${smoothing}`);
  return {
    name: 'crossEntropy',
    options: { ...options },
    reduction,
    ignore,
    activation: 'softmax',
    targets: 'int32',
    record(logits, targets, rowWeights) {
      const perClass = weights && constant(logits.recording, [weights.length], weights);
      if (!rowWeights)
        return {
          ...softmaxCrossEntropy(logits, targets, { weights: perClass, reduction, smoothing, ignore }),
          correct: correct(logits, targets, { ignore }),
        };
      const none = logits.shape[1] as number;
      const { loss: each } = softmaxCrossEntropy(logits, targets, {
        weights: perClass,
        reduction: 'none',
        smoothing,
        ignore: none,
      });
      const total = sum(weights ? multiply(rowWeights, weightOf(targets, [...weights, 0])) : rowWeights);
      return {
        ...reduceWeighted(each, rowWeights, reduction, total),
        correct: correct(logits, targets, { ignore: none }),
      };
    },
  };
}

/** That of each target's class, [rows]. */
function weightOf(targets: Tensor, weights: readonly number[]): Tensor {
  const table = constant(targets.recording, [weights.length, 1], weights);
  return reshape(gather(table, targets), targets.shape);
}
