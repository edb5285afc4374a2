import { notNegative, wholeNumbers } from '../optimizer.ts';
import { checkSchedule, type ScheduleOptions } from './schedule.ts';

export interface StepDecayOptions extends ScheduleOptions {
  /** The rate falls whenever so much time has passed. */
  readonly every: number;
  /** What it is multiplied by. Default 0.1. */
  readonly factor?: number;
}

/** rate·factor^⌊t/every⌋ */
export function stepDecay(options: StepDecayOptions) {
  const { every, factor = 0.1 } = options;
  checkSchedule('stepDecay', options);
  wholeNumbers('stepDecay', { every });
  notNegative('stepDecay', { factor });
  return { schedule: 'stepDecay', ...options, factor } as const;
}

export function stepDecayRate({ rate, every, factor }: ReturnType<typeof stepDecay>, t: number): number {
  return rate * factor ** Math.floor(t / every);
}
