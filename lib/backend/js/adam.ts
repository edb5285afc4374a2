import { adjusted, adjustmentOf, eachParameter, type Update } from './optimizer.ts';

interface Attributes {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Weight decay takes rate·weightDecay·p off p instead of entering the gradient. */
  readonly decoupled: boolean;
}

/**
 * m ← β₁m + (1−β₁)g; v ← β₂v + (1−β₂)g²; p ← p − rate/(1−β₁ᵗ)·m/(√v/√(1−β₂ᵗ) + ε)
 * amsgrad: with the running maximum of v in place of v
 */
export const adam: Update<'m' | 'v' | 'vMax', Attributes> = (inputs, { parameters: p, m, v, vMax }, attributes) => {
  const { beta1, beta2, epsilon, decoupled, weightDecay } = attributes;
  const adjustment = adjustmentOf(inputs, decoupled ? { ...attributes, weightDecay: 0 } : attributes);
  const rate = inputs.learningRate.data[0]!;
  const t = inputs.clock.data[0]!;
  const keep = decoupled ? 1 - rate * weightDecay : 1;
  const meanRate = rate / (1 - beta1 ** t);
  const correction = Math.sqrt(1 - beta2 ** t);
  const mean = m!.data;
  const square = v!.data;
  eachParameter(inputs, false, (k, gradient) => {
    const g = adjusted(gradient, p.data[k]!, adjustment);
    mean[k] = beta1 * mean[k]! + (1 - beta1) * g;
    square[k] = beta2 * square[k]! + (1 - beta2) * g * g;
    let bound = square[k]!;
    if (vMax) bound = vMax.data[k] = Math.max(vMax.data[k]!, bound);
    p.data[k] = keep * p.data[k]! - (meanRate * mean[k]!) / (Math.sqrt(bound) / correction + epsilon);
  });
};
