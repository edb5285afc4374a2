import { adjusted, adjustmentOf, eachParameter, type Update } from './optimizer.ts';

/** v ← v + g²; p ← p − rate/(1 + (t−1)·learningRateDecay)·g/(√v + ε) */
export const adagrad: Update<'v', { learningRateDecay: number; epsilon: number }> = (
  inputs,
  { parameters: p, v },
  attributes,
) => {
  const { learningRateDecay, epsilon } = attributes;
  const adjustment = adjustmentOf(inputs, attributes);
  const rate = inputs.learningRate.data[0]! / (1 + (inputs.clock.data[0]! - 1) * learningRateDecay);
  const sum = v!.data;
  eachParameter(inputs, attributes.weightDecay === 0, (k, gradient) => {
    const g = adjusted(gradient, p.data[k]!, adjustment);
    sum[k] = sum[k]! + g * g;
    p.data[k]! -= (rate * g) / (Math.sqrt(sum[k]!) + epsilon);
  });
};
