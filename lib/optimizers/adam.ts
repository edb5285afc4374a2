import {
  fraction,
  type GradientOptions,
  gradientAttributes,
  learningRateOf,
  type Optimizer,
  positive,
} from './optimizer.ts';
import type { LearningRate } from './schedules/schedule.ts';

export interface AdamOptions extends GradientOptions {
  /** Default 0.001. */
  readonly learningRate?: LearningRate;
  /** Decay of the running mean. Default 0.9. */
  readonly beta1?: number;
  /** Decay of the running mean square. Default 0.999. */
  readonly beta2?: number;
  /** Default 1e-8 (Keras: 1e-7). */
  readonly epsilon?: number;
  /** Use the running maximum of v. Reddi et al. 2018. */
  readonly amsgrad?: boolean;
}

/**
 * Adam. Kingma & Ba 2015. As PyTorch's Adam:
 * m ← β₁m + (1−β₁)g; v ← β₂v + (1−β₂)g²; p ← p − learningRate/(1−β₁ᵗ)·m/(√v/√(1−β₂ᵗ) + ε).
 */
export function adam(options: AdamOptions = {}): Optimizer {
  return describe('adam', options, false);
}

/** Adam with decoupled weight decay, 0.01 by default: p ← p·(1 − learningRate·weightDecay) first. Loshchilov & Hutter 2019. */
export function adamw(options: AdamOptions = {}): Optimizer {
  return describe('adamw', { weightDecay: 0.01, ...options }, true);
}

function describe(name: string, options: AdamOptions, decoupled: boolean): Optimizer {
  const { learningRate = 0.001, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, amsgrad = false } = options;
  positive(name, { epsilon });
  fraction(name, { beta1, beta2 });
  return {
    name: 'adam',
    ...learningRateOf(name, learningRate),
    options: { ...gradientAttributes(name, options), beta1, beta2, epsilon, amsgrad, decoupled },
    states: amsgrad ? ['m', 'v', 'vMax'] : ['m', 'v'],
    initial: {},
  };
}
