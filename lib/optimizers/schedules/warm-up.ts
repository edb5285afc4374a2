import { wholeNumbers } from '../optimizer.ts';
import { checkSchedule, type LearningRate, type Progress, type ScheduleOptions } from './schedule.ts';

export interface WarmUpOptions extends Pick<ScheduleOptions, 'per'> {
  /** How long the rate rises. */
  readonly steps: number;
}

/**
 * Rises in a straight line to a rate, or to where a schedule starts, and goes on with it: ·(t + 1)/steps, then its own t from 0,
 * where it counts in the same unit. Goyal et al. 2017.
 */
export function warmUp(to: LearningRate, options: WarmUpOptions) {
  const rate = typeof to === 'number' ? to : to.rate;
  checkSchedule('warmUp', { ...options, rate });
  wholeNumbers('warmUp', { steps: options.steps });
  return { schedule: 'warmUp', rate, to, ...options } as const;
}

export function warmUpRate(
  { steps, to, per }: ReturnType<typeof warmUp>,
  t: number,
  progress: Progress,
  rateAt: (rate: LearningRate, progress: Progress) => number,
): number {
  if (t < steps) return (rateAt(to, { steps: 0, epochs: [] }) * (t + 1)) / steps;
  const { steps: updates, epochs } = progress;
  return rateAt(to, per === 'epoch' ? { steps: updates, epochs: epochs.slice(steps) } : { steps: t - steps, epochs });
}
