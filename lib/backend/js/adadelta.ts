import { adjusted, adjustmentOf, eachParameter, type Update } from './optimizer.ts';

/** v ← ρv + (1−ρ)g²; d = √(u+ε)/√(v+ε)·g; u ← ρu + (1−ρ)d²; p ← p − rate·d */
export const adadelta: Update<'v' | 'u', { rho: number; epsilon: number }> = (
  inputs,
  { parameters: p, v, u },
  attributes,
) => {
  const { rho, epsilon } = attributes;
  const adjustment = adjustmentOf(inputs, attributes);
  const rate = inputs.learningRate.data[0]!;
  const square = v!.data;
  const stepped = u!.data;
  eachParameter(inputs, false, (k, gradient) => {
    const g = adjusted(gradient, p.data[k]!, adjustment);
    square[k] = rho * square[k]! + (1 - rho) * g * g;
    const step = (Math.sqrt(stepped[k]! + epsilon) / Math.sqrt(square[k]! + epsilon)) * g;
    stepped[k] = rho * stepped[k]! + (1 - rho) * step * step;
    p.data[k]! -= rate * step;
  });
};
