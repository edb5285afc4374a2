import { type GradientOptions, gradientAttributes, learningRateOf, type Optimizer, positive } from './optimizer.ts';
import type { LearningRate } from './schedules/schedule.ts';

export interface AdagradOptions extends GradientOptions {
  /** Default 0.01. */
  readonly learningRate?: LearningRate;
  /** The rate falls as learningRate/(1 + (t−1)·learningRateDecay). Default 0. */
  readonly learningRateDecay?: number;
  /** What v starts from. Default 0. */
  readonly initialAccumulator?: number;
  /** Default 1e-10. */
  readonly epsilon?: number;
}

/** Adagrad. Duchi et al. 2011. As PyTorch's: v ← v + g²; p ← p − rate·g/(√v + ε). */
export function adagrad(options: AdagradOptions = {}): Optimizer {
  const { learningRate = 0.01, learningRateDecay = 0, initialAccumulator = 0, epsilon = 1e-10 } = options;
  positive('adagrad', { epsilon });
  return {
    name: 'adagrad',
    ...learningRateOf('adagrad', learningRate),
    options: { ...gradientAttributes('adagrad', options), learningRateDecay, initialAccumulator, epsilon },
    states: ['v'],
    initial: { v: initialAccumulator },
  };
}
