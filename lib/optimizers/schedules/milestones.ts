import { notNegative, wholeNumbers } from '../optimizer.ts';
import { checkSchedule, type ScheduleOptions } from './schedule.ts';

export interface MilestonesOptions extends ScheduleOptions {
  /** The times at which the rate falls. */
  readonly at: readonly number[];
  /** What it is multiplied by. Default 0.1. */
  readonly factor?: number;
}

/** rate·factor^(how many of the times have come) */
export function milestones(options: MilestonesOptions) {
  const { at, factor = 0.1 } = options;
  checkSchedule('milestones', options);
  wholeNumbers('milestones', Object.fromEntries(at.map((time, index) => [`at[${index}]`, time])), 0);
  notNegative('milestones', { factor });
  return { schedule: 'milestones', ...options, factor } as const;
}

export function milestonesRate({ rate, at, factor }: ReturnType<typeof milestones>, t: number): number {
  return rate * factor ** at.filter(time => time <= t).length;
}
