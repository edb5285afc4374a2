import {
  fraction,
  type GradientOptions,
  gradientAttributes,
  learningRateOf,
  type Optimizer,
  positive,
} from './optimizer.ts';
import type { LearningRate } from './schedules/schedule.ts';

export interface AdadeltaOptions extends GradientOptions {
  /** Default 1: the rule finds its own step length (Keras: 0.001). */
  readonly learningRate?: LearningRate;
  /** Decay of both running mean squares. Default 0.9 (Keras: 0.95). */
  readonly rho?: number;
  /** Default 1e-6. */
  readonly epsilon?: number;
}

/** Adadelta. Zeiler 2012. v ← ρv + (1−ρ)g²; d = √(u+ε)/√(v+ε)·g; u ← ρu + (1−ρ)d²; p ← p − learningRate·d. */
export function adadelta(options: AdadeltaOptions = {}): Optimizer {
  const { learningRate = 1, rho = 0.9, epsilon = 1e-6 } = options;
  positive('adadelta', { epsilon });
  fraction('adadelta', { rho });
  return {
    name: 'adadelta',
    ...learningRateOf('adadelta', learningRate),
    options: { ...gradientAttributes('adadelta', options), rho, epsilon },
    states: ['v', 'u'],
    initial: {},
  };
}
