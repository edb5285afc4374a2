import type { NumberArray } from '../backend.ts';
import { indexOfLargest } from './argmax.ts';
import type { Twin, View } from './twin.ts';

/** How many rows are right: the largest logit is the target's, or, for real targets, logit > 0 just where target > ½. */
export const correct: Twin<{ logits: View; targets: View<NumberArray> }, { count: View }, { ignore?: number }> = (
  { logits, targets },
  { count },
  { ignore },
) => {
  const classes = targets.data instanceof Int32Array ? logits.shape[1]! : undefined;
  let right = 0;
  for (let i = 0; i < targets.data.length; i++) {
    const target = targets.data[i]!;
    if (target === ignore) continue;
    const hit =
      classes === undefined
        ? logits.data[i]! > 0 === target > 0.5
        : indexOfLargest(logits.data, i * classes, classes) === target;
    if (hit) right++;
  }
  count.data[0] = right;
};
