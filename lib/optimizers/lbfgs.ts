import { learningRateOf, type Optimizer, wholeNumbers } from './optimizer.ts';
import type { LearningRate } from './schedules/schedule.ts';

export interface LbfgsOptions {
  /** Length of the first step that is tried along a direction; the line search goes on from there. Default 1. */
  readonly learningRate?: LearningRate;
  /** Steps that the curvature is estimated from; each keeps two arrays as large as the parameters. Default 10. */
  readonly history?: number;
  /** Steps on each batch. Default 20. */
  readonly iterations?: number;
}

/**
 * L-BFGS. Nocedal 1980; Liu & Nocedal 1989. A quasi-Newton method for losses without noise: give `fit` a batch as large as the
 * dataset. Every step ends where a line search finds the weak conditions of Wolfe met.
 */
export function lbfgs(options: LbfgsOptions = {}): Optimizer {
  const { learningRate = 1, history = 10, iterations = 20 } = options;
  wholeNumbers('lbfgs', { history, iterations });
  return {
    name: 'lbfgs',
    ...learningRateOf('lbfgs', learningRate),
    options: { history, iterations },
    states: [],
    initial: {},
  };
}
