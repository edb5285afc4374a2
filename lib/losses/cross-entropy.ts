import { rangeError } from '../errors.ts';
import { correct } from '../ops/correct.ts';
import { softmaxCrossEntropy } from '../ops/softmax-cross-entropy.ts';
import type { Loss } from './loss.ts';

export interface CrossEntropyOptions {
  /** Targets of this number do not count. Default: all count. */
  readonly ignore?: number;
  /** Share of each target's weight that is spread over all classes, in [0, 1). Default 0. Szegedy et al. 2016. */
  readonly smoothing?: number;
}

/** One of several classes: a logit each, targets are class numbers. Reads logits; gives probabilities that sum to 1. */
export function crossEntropy(options: CrossEntropyOptions = {}): Loss {
  const { ignore, smoothing = 0 } = options;
  if (!(smoothing >= 0 && smoothing < 1))
    throw rangeError('ERR_ARGUMENT', `crossEntropy: smoothing must be in [0, 1), got ${smoothing}`);
  return {
    name: 'crossEntropy',
    options: { ...options },
    activation: 'softmax',
    targets: 'int32',
    record: (logits, targets) => ({
      ...softmaxCrossEntropy(logits, targets, { ignore, smoothing }),
      correct: correct(logits, targets, { ignore }),
    }),
  };
}
