import {
  fraction,
  type GradientOptions,
  gradientAttributes,
  learningRateOf,
  type Optimizer,
  positive,
} from './optimizer.ts';
import type { LearningRate } from './schedules/schedule.ts';

export interface AdamaxOptions extends GradientOptions {
  /** Default 0.002. */
  readonly learningRate?: LearningRate;
  /** Decay of the running mean. Default 0.9. */
  readonly beta1?: number;
  /** Decay of the running maximum. Default 0.999. */
  readonly beta2?: number;
  /** Default 1e-8. */
  readonly epsilon?: number;
}

/**
 * Adam with the infinity norm. Kingma & Ba 2015, section 7.1.
 * m ← β₁m + (1−β₁)g; u ← max(β₂u, |g| + ε); p ← p − learningRate/(1−β₁ᵗ)·m/u.
 */
export function adamax(options: AdamaxOptions = {}): Optimizer {
  const { learningRate = 0.002, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  positive('adamax', { epsilon });
  fraction('adamax', { beta1, beta2 });
  return {
    name: 'adamax',
    ...learningRateOf('adamax', learningRate),
    options: { ...gradientAttributes('adamax', options), beta1, beta2, epsilon },
    states: ['m', 'u'],
    initial: {},
  };
}
