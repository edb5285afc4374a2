import { add } from '../ops/add.ts';
import { divide } from '../ops/divide.ts';
import { multiply } from '../ops/multiply.ts';
import { positive } from '../ops/positive.ts';
import type { Reduction } from '../ops/reduction.ts';
import { reshape } from '../ops/reshape.ts';
import { scale } from '../ops/scale.ts';
import { sum } from '../ops/sum.ts';
import type { Tensor } from '../program/tensor.ts';
import type { LossTensors } from './loss.ts';

/** A real target that does not count, of a weighted loss: one that no classifier has. */
export const noTarget = -1;

/**
 * Losses [rows] or [rows, outputs], each times the weight of its row, reduced: Σ wᵢ·lᵢ over Σ wᵢ and the outputs, or that sum, or
 * as they are. The mean is 0 where all weights are.
 * @param weights [rows]
 * @param total what the mean divides by; Σ wᵢ where it is left out
 */
export function reduceWeighted(
  each: Tensor,
  weights: Tensor,
  reduction: Reduction,
  total: Tensor = sum(weights),
): Pick<LossTensors, 'loss' | 'total'> {
  const perRow = each.shape.slice(1).map(Number);
  const weighted = multiply(each, perRow.length > 0 ? reshape(weights, [weights.shape[0]!, 1]) : weights);
  if (reduction === 'none') return { loss: weighted, total };
  const added = sum(weighted);
  if (reduction === 'sum') return { loss: added, total };
  const count = scale(total, perRow[0] ?? 1);
  return { loss: divide(added, add(count, scale(positive(count), -1, 1))), total };
}
