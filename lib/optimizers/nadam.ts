import {
  fraction,
  type GradientOptions,
  gradientAttributes,
  learningRateOf,
  notNegative,
  type Optimizer,
  positive,
} from './optimizer.ts';
import type { LearningRate } from './schedules/schedule.ts';

export interface NadamOptions extends GradientOptions {
  /** Default 0.002. */
  readonly learningRate?: LearningRate;
  /** What the decay of the running mean grows to, from half of it. Default 0.9. */
  readonly beta1?: number;
  /** Decay of the running mean square. Default 0.999. */
  readonly beta2?: number;
  /** Default 1e-8. */
  readonly epsilon?: number;
  /** ψ: how fast it grows. Default 0.004. */
  readonly momentumDecay?: number;
}

/**
 * Adam with Nesterov's momentum. Dozat 2016. With μₜ = β₁·(1 − ½·0.96^{tψ}), Pₜ = μ₁·…·μₜ and Adam's m and v:
 * p ← p − learningRate·((1−μₜ)/(1−Pₜ)·g + μₜ₊₁/(1−Pₜ₊₁)·m)/(√(v/(1−β₂ᵗ)) + ε).
 */
export function nadam(options: NadamOptions = {}): Optimizer {
  const { learningRate = 0.002, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, momentumDecay = 0.004 } = options;
  positive('nadam', { epsilon });
  fraction('nadam', { beta1, beta2 });
  notNegative('nadam', { momentumDecay });
  return {
    name: 'nadam',
    ...learningRateOf('nadam', learningRate),
    options: { ...gradientAttributes('nadam', options), beta1, beta2, epsilon, momentumDecay },
    states: ['m', 'v'],
    initial: {},
  };
}
