import {
  fraction,
  type GradientOptions,
  gradientAttributes,
  learningRateOf,
  type Optimizer,
  positive,
} from './optimizer.ts';
import type { LearningRate } from './schedules/schedule.ts';

export interface RmspropOptions extends GradientOptions {
  /** Default 0.001. */
  readonly learningRate?: LearningRate;
  /** Decay of the running mean square. Default 0.9 (PyTorch: 0.99). */
  readonly alpha?: number;
  /** Default 1e-8. */
  readonly epsilon?: number;
  /** Default 0. */
  readonly momentum?: number;
  /** Divide by the running standard deviation. Graves 2013. */
  readonly centered?: boolean;
}

/** RMSprop. Tieleman & Hinton 2012. As PyTorch's: v ← αv + (1−α)g²; q = g/(√v + ε); b ← momentum·b + q; p ← p − learningRate·b. */
export function rmsprop(options: RmspropOptions = {}): Optimizer {
  const { learningRate = 0.001, alpha = 0.9, epsilon = 1e-8, momentum = 0, centered = false } = options;
  positive('rmsprop', { epsilon });
  fraction('rmsprop', { alpha, momentum });
  return {
    name: 'rmsprop',
    ...learningRateOf('rmsprop', learningRate),
    options: { ...gradientAttributes('rmsprop', options), alpha, epsilon, momentum, centered },
    states: ['v', ...(centered ? ['a'] : []), ...(momentum > 0 ? ['b'] : [])],
    initial: {},
  };
}
