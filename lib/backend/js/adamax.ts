import { adjusted, adjustmentOf, eachParameter, type Update } from './optimizer.ts';

/** m ← β₁m + (1−β₁)g; u ← max(β₂u, |g| + ε); p ← p − rate/(1−β₁ᵗ)·m/u */
export const adamax: Update<'m' | 'u', { beta1: number; beta2: number; epsilon: number }> = (
  inputs,
  { parameters: p, m, u },
  attributes,
) => {
  const { beta1, beta2, epsilon } = attributes;
  const adjustment = adjustmentOf(inputs, attributes);
  const rate = inputs.learningRate.data[0]! / (1 - beta1 ** inputs.clock.data[0]!);
  const mean = m!.data;
  const bound = u!.data;
  eachParameter(inputs, false, (k, gradient) => {
    const g = adjusted(gradient, p.data[k]!, adjustment);
    mean[k] = beta1 * mean[k]! + (1 - beta1) * g;
    bound[k] = Math.max(beta2 * bound[k]!, Math.abs(g) + epsilon);
    p.data[k]! -= (rate * mean[k]!) / bound[k]!;
  });
};
