import { rangeError } from '../../errors.ts';
import { wholeNumbers } from '../optimizer.ts';
import { checkSchedule, type ScheduleOptions } from './schedule.ts';

export interface OneCycleOptions extends ScheduleOptions {
  /** The rate in the middle, the highest. */
  readonly rate: number;
  /** Length of the whole cycle; after it the rate stays. */
  readonly steps: number;
  /** Share of it in which the rate rises, in (0, 1). Default 0.3. */
  readonly rise?: number;
  /** The rate starts at rate/startDivisor. Default 25. */
  readonly startDivisor?: number;
  /** And ends at rate/startDivisor/endDivisor. Default 10 000. */
  readonly endDivisor?: number;
  /** Along halves of a cosine or along straight lines. Default 'cosine'. */
  readonly shape?: 'cosine' | 'linear';
}

/** One cycle: up for a while, then down to almost nothing. Smith & Topin 2018. */
export function oneCycle(options: OneCycleOptions) {
  const { steps, rise = 0.3, startDivisor = 25, endDivisor = 10_000, shape = 'cosine' } = options;
  checkSchedule('oneCycle', options);
  wholeNumbers('oneCycle', { steps });
  if (!(rise > 0 && rise < 1)) throw rangeError('ERR_ARGUMENT', `oneCycle: rise must be in (0, 1), got ${rise}`);
  for (const [option, value] of Object.entries({ startDivisor, endDivisor }))
    if (!(value >= 1 && Number.isFinite(value)))
      throw rangeError('ERR_ARGUMENT', `oneCycle: ${option} must be a number of at least 1, got ${value}`);
  if (shape !== 'cosine' && shape !== 'linear')
    throw rangeError('ERR_ARGUMENT', `oneCycle: shape must be 'cosine' or 'linear', got ${String(shape)}`);
  return { schedule: 'oneCycle', ...options, rise, startDivisor, endDivisor, shape } as const;
}

export function oneCycleRate(
  { rate, steps, rise, startDivisor, endDivisor, shape }: ReturnType<typeof oneCycle>,
  t: number,
): number {
  const start = rate / startDivisor;
  const peak = Math.max(0, rise * steps - 1);
  const last = steps - 1;
  const between = (from: number, to: number, share: number) =>
    from + (to - from) * (shape === 'cosine' ? (1 - Math.cos(Math.PI * share)) / 2 : share);
  if (t < peak) return between(start, rate, t / peak);
  return between(rate, start / endDivisor, last > peak ? Math.min(1, (t - peak) / (last - peak)) : 0);
}
