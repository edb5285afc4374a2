import { notNegative } from '../optimizer.ts';
import { checkSchedule, type ScheduleOptions } from './schedule.ts';

export interface ExponentialDecayOptions extends ScheduleOptions {
  /** What the rate is multiplied by each time. */
  readonly factor: number;
}

/** rate·factorᵗ */
export function exponentialDecay(options: ExponentialDecayOptions) {
  checkSchedule('exponentialDecay', options);
  notNegative('exponentialDecay', { factor: options.factor });
  return { schedule: 'exponentialDecay', ...options } as const;
}

export function exponentialDecayRate({ rate, factor }: ReturnType<typeof exponentialDecay>, t: number): number {
  return rate * factor ** t;
}
