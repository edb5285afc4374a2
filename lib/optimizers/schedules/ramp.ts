import { notNegative, wholeNumbers } from '../optimizer.ts';
import { checkSchedule, type ScheduleOptions } from './schedule.ts';

export interface RampOptions extends ScheduleOptions {
  /** How long the rate changes; then it stays. */
  readonly steps: number;
  /** What the rate is multiplied by at first. Default 1. */
  readonly from?: number;
  /** And in the end. Default 0. */
  readonly to?: number;
}

/** In a straight line from rate·from to rate·to. */
export function ramp(options: RampOptions) {
  const { steps, from = 1, to = 0 } = options;
  checkSchedule('ramp', options);
  wholeNumbers('ramp', { steps });
  notNegative('ramp', { from, to });
  return { schedule: 'ramp', ...options, from, to } as const;
}

export function rampRate({ rate, steps, from, to }: ReturnType<typeof ramp>, t: number): number {
  return rate * (from + ((to - from) * Math.min(t, steps)) / steps);
}
