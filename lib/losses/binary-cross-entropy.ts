import { binaryCrossEntropy as record } from '../ops/binary-cross-entropy.ts';
import { correct } from '../ops/correct.ts';
import type { Loss } from './loss.ts';

/** Two classes, or several labels that may hold at once: one logit each, targets 0 or 1. Reads logits; gives probabilities. */
export function binaryCrossEntropy(): Loss {
  return {
    name: 'binaryCrossEntropy',
    options: {},
    activation: 'sigmoid',
    targets: 'real',
    record: (logits, targets) => ({ loss: record(logits, targets), correct: correct(logits, targets) }),
  };
}
