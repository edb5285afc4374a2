import { adjusted, adjustmentOf, eachParameter, type Update } from './optimizer.ts';

/**
 * v ← αv + (1−α)g²; q = g/(√v + ε); b ← momentum·b + q; p ← p − rate·b
 * centered: a ← αa + (1−α)g, and v − a² in place of v
 */
export const rmsprop: Update<'v' | 'a' | 'b', { alpha: number; epsilon: number; momentum: number }> = (
  inputs,
  { parameters: p, v, a, b },
  attributes,
) => {
  const { alpha, epsilon, momentum } = attributes;
  const adjustment = adjustmentOf(inputs, attributes);
  const rate = inputs.learningRate.data[0]!;
  const square = v!.data;
  eachParameter(inputs, false, (k, gradient) => {
    const g = adjusted(gradient, p.data[k]!, adjustment);
    square[k] = alpha * square[k]! + (1 - alpha) * g * g;
    let variance = square[k]!;
    if (a) {
      a.data[k] = alpha * a.data[k]! + (1 - alpha) * g;
      variance = Math.max(0, variance - a.data[k]! ** 2); // below 0 only by rounding
    }
    let step = g / (Math.sqrt(variance) + epsilon);
    if (b) step = b.data[k] = momentum * b.data[k]! + step;
    p.data[k]! -= rate * step;
  });
};
