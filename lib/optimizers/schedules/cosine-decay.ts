import { notNegative, wholeNumbers } from '../optimizer.ts';
import { checkSchedule, type ScheduleOptions } from './schedule.ts';

export interface CosineDecayOptions extends ScheduleOptions {
  /** How long the way down takes. */
  readonly steps: number;
  /** Default 0. */
  readonly minimum?: number;
}

/**
 * From the rate down to the minimum along half a cosine, and, where training goes on, up again the same way:
 * minimum + (rate − minimum)·(1 + cos(πt/steps))/2. Loshchilov & Hutter 2017.
 */
export function cosineDecay(options: CosineDecayOptions) {
  const { steps, minimum = 0 } = options;
  checkSchedule('cosineDecay', options);
  wholeNumbers('cosineDecay', { steps });
  notNegative('cosineDecay', { minimum });
  return { schedule: 'cosineDecay', ...options, minimum } as const;
}

export function cosineDecayRate({ rate, steps, minimum }: ReturnType<typeof cosineDecay>, t: number): number {
  return minimum + ((rate - minimum) * (1 + Math.cos((Math.PI * t) / steps))) / 2;
}
