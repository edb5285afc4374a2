import { checkIndex } from './indices.ts';
import { logSumExp } from './softmax.ts';
import type { Integers, Twin, View } from './twin.ts';

interface Inputs {
  readonly logits: View;
  readonly targets: Integers;
  readonly weights?: View;
}
interface Attributes {
  readonly reduction: 'mean' | 'sum' | 'none';
  readonly smoothing: number;
  readonly ignore?: number;
}

/**
 * lᵢ = −(1−ε)·w[tᵢ]·log p[i,tᵢ] − (ε/C)·Σ_c w[c]·log p[i,c],  0 where tᵢ = ignore;  log p[i,c] = x[i,c] − logSumExp(xᵢ)
 * total = Σ w[tᵢ] over the targets not ignored; loss: lᵢ, Σlᵢ or Σlᵢ/total
 */
export const softmaxCrossEntropy: Twin<Inputs, { loss: View; total: View; logSumExp: View }, Attributes> = (
  { logits, targets, weights },
  outputs,
  { reduction, smoothing, ignore },
) => {
  const C = logits.shape[1]!;
  const x = logits.data;
  let sum = 0;
  let total = 0;
  for (let i = 0; i < targets.data.length; i++) {
    const row = i * C;
    const target = targets.data[i]!;
    const logZ = logSumExp(x, row, C);
    outputs.logSumExp.data[i] = logZ;
    let loss = 0;
    if (target !== ignore) {
      checkIndex('softmaxCrossEntropy', 'targets', i, target, C);
      const weight = weights ? weights.data[target]! : 1;
      loss = (1 - smoothing) * weight * (logZ - x[row + target]!);
      if (smoothing > 0) {
        let others = 0;
        for (let c = 0; c < C; c++) others += (weights ? weights.data[c]! : 1) * (logZ - x[row + c]!);
        loss += (smoothing / C) * others;
      }
      total += weight;
    }
    if (reduction === 'none') outputs.loss.data[i] = loss;
    sum += loss;
  }
  outputs.total.data[0] = total;
  if (reduction === 'sum') outputs.loss.data[0] = sum;
  if (reduction === 'mean') outputs.loss.data[0] = total === 0 ? 0 : sum / total;
};

/** ∂lᵢ/∂x[i,c] = p[i,c]·((1−ε)·w[tᵢ] + (ε/C)·Σw) − (1−ε)·w[tᵢ]·[c = tᵢ] − (ε/C)·w[c] */
export const softmaxCrossEntropyGradient: Twin<
  Inputs & { logSumExp: View; total: View; dLoss: View },
  { logits: View },
  Attributes
> = (inputs, outputs, { reduction, smoothing, ignore }) => {
  const { targets, weights, total, dLoss } = inputs;
  const C = inputs.logits.shape[1]!;
  const x = inputs.logits.data;
  const dx = outputs.logits.data;
  let weightSum = 0;
  for (let c = 0; c < C; c++) weightSum += weights ? weights.data[c]! : 1;
  const divisor = reduction === 'mean' ? total.data[0]! : 1;
  const shared = divisor === 0 ? 0 : dLoss.data[0]! / divisor;
  for (let i = 0; i < targets.data.length; i++) {
    const row = i * C;
    const target = targets.data[i]!;
    if (target === ignore) {
      dx.fill(0, row, row + C);
      continue;
    }
    const upstream = reduction === 'none' ? dLoss.data[i]! : shared;
    const logZ = inputs.logSumExp.data[i]!;
    const hit = upstream * (1 - smoothing) * (weights ? weights.data[target]! : 1);
    const spread = (upstream * smoothing) / C;
    const mass = hit + spread * weightSum;
    for (let c = 0; c < C; c++)
      dx[row + c] = mass * Math.exp(x[row + c]! - logZ) - spread * (weights ? weights.data[c]! : 1);
    dx[row + target]! -= hit;
  }
};
