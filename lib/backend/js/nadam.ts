import { adjusted, adjustmentOf, eachParameter, type Update } from './optimizer.ts';

interface Attributes {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly momentumDecay: number;
}

/**
 * m ← β₁m + (1−β₁)g; v ← β₂v + (1−β₂)g²; p ← p − rate·((1−μₜ)/(1−Pₜ)·g + μₜ₊₁/(1−Pₜ₊₁)·m)/(√v/√(1−β₂ᵗ) + ε)
 * with μᵢ = β₁·(1 − ½·0.96^{iψ}) and Pₜ = μ₁·…·μₜ
 */
export const nadam: Update<'m' | 'v', Attributes> = (inputs, { parameters: p, m, v }, attributes) => {
  const { beta1, beta2, epsilon, momentumDecay } = attributes;
  const adjustment = adjustmentOf(inputs, attributes);
  const rate = inputs.learningRate.data[0]!;
  const t = inputs.clock.data[0]!;
  const momentum = (i: number) => beta1 * (1 - 0.5 * 0.96 ** (i * momentumDecay));
  let product = 1;
  for (let i = 1; i <= t && product > 2 ** -60; i++) product *= momentum(i); // below that 1 − P is 1
  const ownRate = (rate * (1 - momentum(t))) / (1 - product);
  const meanRate = (rate * momentum(t + 1)) / (1 - product * momentum(t + 1));
  const correction = Math.sqrt(1 - beta2 ** t);
  const mean = m!.data;
  const square = v!.data;
  eachParameter(inputs, false, (k, gradient) => {
    const g = adjusted(gradient, p.data[k]!, adjustment);
    mean[k] = beta1 * mean[k]! + (1 - beta1) * g;
    square[k] = beta2 * square[k]! + (1 - beta2) * g * g;
    p.data[k]! -= (ownRate * g + meanRate * mean[k]!) / (Math.sqrt(square[k]!) / correction + epsilon);
  });
};
