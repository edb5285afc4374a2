import { reduce } from '../ops/reduction.ts';
import { subtract } from '../ops/subtract.ts';
import type { Tensor } from '../program/tensor.ts';
import { type Loss, type LossOptions, reductionOf } from './loss.ts';
import { reduceWeighted } from './weighted.ts';

/** A loss of real outputs that depends on output − target, element by element. */
export function regression(name: string, options: LossOptions, lossOf: (difference: Tensor) => Tensor): Loss {
  const reduction = reductionOf(name, options);
  return {
    name,
    options: { ...options },
    reduction,
    activation: 'linear',
    targets: 'real',
    record(outputs, targets, weights) {
      const each = lossOf(subtract(outputs, targets));
      return weights ? reduceWeighted(each, weights, reduction) : { loss: reduce(each, reduction) };
    },
  };
}
