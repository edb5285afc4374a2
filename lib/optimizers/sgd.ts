import { fraction, type GradientOptions, gradientAttributes, learningRateOf, type Optimizer } from './optimizer.ts';
import type { LearningRate } from './schedules/schedule.ts';

export interface SgdOptions extends GradientOptions {
  /** Default 0.01. */
  readonly learningRate?: LearningRate;
  /** Default 0. */
  readonly momentum?: number;
  readonly dampening?: number;
  /** Step along g + momentum·b. Sutskever et al. 2013. */
  readonly nesterov?: boolean;
}

/** Stochastic gradient descent: b ← g at t = 1, then momentum·b + (1−dampening)·g; p ← p − learningRate·b. As PyTorch's SGD. */
export function sgd(options: SgdOptions = {}): Optimizer {
  const { learningRate = 0.01, momentum = 0, dampening = 0, nesterov = false } = options;
  fraction('sgd', { momentum });
  return {
    name: 'sgd',
    ...learningRateOf('sgd', learningRate),
    options: { ...gradientAttributes('sgd', options), momentum, dampening, nesterov },
    states: momentum > 0 ? ['b'] : [],
    initial: {},
  };
}
