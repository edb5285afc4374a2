import { logistic } from './sigmoid.ts';
import { softplus } from './softplus.ts';
import type { Twin, View } from './twin.ts';

interface Inputs {
  readonly logits: View;
  readonly targets: View;
  readonly positiveWeight?: View;
  readonly weights?: View;
}
interface Attributes {
  readonly reduction: 'mean' | 'sum' | 'none';
}

/** l = w·(p·y·softplus(−x) + (1−y)·softplus(x)); loss: l, Σl, or Σl divided by the number of elements */
export const binaryCrossEntropy: Twin<Inputs, { loss: View }, Attributes> = (
  { logits, targets, positiveWeight, weights },
  { loss },
  { reduction },
) => {
  let sum = 0;
  for (let k = 0; k < logits.data.length; k++) {
    const x = logits.data[k]!;
    const y = targets.data[k]!;
    const p = positiveWeight ? positiveWeight.data[k % positiveWeight.data.length]! : 1;
    const w = weights ? weights.data[k]! : 1;
    const l = w * (p * y * softplus(-x) + (1 - y) * softplus(x));
    if (reduction === 'none') loss.data[k] = l;
    sum += l;
  }
  if (reduction === 'sum') loss.data[0] = sum;
  if (reduction === 'mean') loss.data[0] = sum / Math.max(1, logits.data.length);
};

/** ∂l/∂x = w·((1−y)·σ(x) − p·y·σ(−x)) */
export const binaryCrossEntropyGradient: Twin<Inputs & { dLoss: View }, { logits: View }, Attributes> = (
  { logits, targets, positiveWeight, weights, dLoss },
  outputs,
  { reduction },
) => {
  const count = reduction === 'mean' ? logits.data.length : 1;
  for (let k = 0; k < logits.data.length; k++) {
    const x = logits.data[k]!;
    const y = targets.data[k]!;
    const p = positiveWeight ? positiveWeight.data[k % positiveWeight.data.length]! : 1;
    const w = weights ? weights.data[k]! : 1;
    const upstream = dLoss.data[reduction === 'none' ? k : 0]! / count;
    outputs.logits.data[k] = upstream * w * ((1 - y) * logistic(x) - p * y * logistic(-x));
  }
};
