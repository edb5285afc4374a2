import { adjusted, adjustmentOf, eachParameter, type Update } from './optimizer.ts';

/** b ← g at t = 1, then momentum·b + (1 − dampening)·g; p ← p − rate·b, or, with nesterov, p − rate·(g + momentum·b) */
export const sgd: Update<'b', { momentum: number; dampening: number; nesterov: boolean }> = (
  inputs,
  { parameters: p, b },
  attributes,
) => {
  const { momentum, dampening, nesterov } = attributes;
  const adjustment = adjustmentOf(inputs, attributes);
  const rate = inputs.learningRate.data[0]!;
  const first = inputs.clock.data[0] === 1;
  eachParameter(inputs, !b && attributes.weightDecay === 0, (k, gradient) => {
    const g = adjusted(gradient, p.data[k]!, adjustment);
    let step = g;
    if (b) {
      const average = first ? g : momentum * b.data[k]! + (1 - dampening) * g;
      b.data[k] = average;
      step = nesterov ? g + momentum * average : average;
    }
    p.data[k]! -= rate * step;
  });
};
