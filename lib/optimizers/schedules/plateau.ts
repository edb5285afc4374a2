import { rangeError } from '../../errors.ts';
import { fraction, notNegative, wholeNumbers } from '../optimizer.ts';
import { checkSchedule, type Figure, type Progress, type ScheduleOptions } from './schedule.ts';

export interface PlateauOptions extends Omit<ScheduleOptions, 'per'> {
  /** The figure of an epoch that is watched. Default 'valLoss'. */
  readonly monitor?: Figure;
  /** What the rate is multiplied by. Default 0.1. */
  readonly factor?: number;
  /** Epochs without improvement that are borne. Default 10. */
  readonly patience?: number;
  /** The share by which a figure must be better than the best before to be an improvement. Default 1e-4. */
  readonly threshold?: number;
  /** Epochs after a fall in which nothing is counted. Default 0. */
  readonly cooldown?: number;
  /** Default 0. */
  readonly minimum?: number;
}

/** The rate falls whenever a figure has not improved for a while. */
export function plateau(options: PlateauOptions) {
  const { monitor = 'valLoss', factor = 0.1, patience = 10, threshold = 1e-4, cooldown = 0, minimum = 0 } = options;
  checkSchedule('plateau', options);
  fraction('plateau', { factor, threshold });
  wholeNumbers('plateau', { patience, cooldown }, 0);
  notNegative('plateau', { minimum });
  return { schedule: 'plateau', ...options, monitor, factor, patience, threshold, cooldown, minimum } as const;
}

export function plateauRate(
  { rate, monitor, factor, patience, threshold, cooldown, minimum }: ReturnType<typeof plateau>,
  _: number,
  { epochs }: Progress,
): number {
  const sign = monitor === 'loss' || monitor === 'valLoss' ? 1 : -1;
  let [now, best, bad, cooling] = [rate, sign * Number.POSITIVE_INFINITY, 0, 0];
  for (const figures of epochs) {
    const figure = figures[monitor];
    if (figure === undefined)
      throw rangeError(
        'ERR_ARGUMENT',
        `plateau: there is no ${monitor} to watch; give validation data, or watch another figure`,
      );
    if (sign * figure < sign * best * (1 - sign * threshold)) {
      best = figure;
      bad = 0;
    } else bad++;
    if (cooling > 0) {
      cooling--;
      bad = 0;
    }
    if (bad > patience) {
      now = Math.max(now * factor, minimum);
      cooling = cooldown;
      bad = 0;
    }
  }
  return now;
}
