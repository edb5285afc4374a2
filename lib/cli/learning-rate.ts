import { rangeError } from '../errors.ts';
import { cosineDecay } from '../optimizers/schedules/cosine-decay.ts';
import { oneCycle } from '../optimizers/schedules/one-cycle.ts';
import { plateau } from '../optimizers/schedules/plateau.ts';
import { ramp } from '../optimizers/schedules/ramp.ts';
import type { LearningRate } from '../optimizers/schedules/schedule.ts';
import { warmUp } from '../optimizers/schedules/warm-up.ts';

const schedules = {
  constant: (rate: number): LearningRate => rate,
  linear: (rate: number, steps: number): LearningRate => ramp({ rate, steps }),
  cosine: (rate: number, steps: number): LearningRate => cosineDecay({ rate, steps }),
  'one-cycle': (rate: number, steps: number): LearningRate => oneCycle({ rate, steps }),
  plateau: (rate: number): LearningRate => plateau({ rate, factor: 0.5, patience: 1 }),
} as const;

export type ScheduleName = keyof typeof schedules;

/** What `--schedule` may be. */
export const scheduleNames = Object.keys(schedules) as ScheduleName[];

/** The learning rate that the flags ask for, in a training of so many updates. */
export function learningRateOf(
  flags: { readonly learningRate: number; readonly schedule: ScheduleName; readonly warmUp: number },
  updates: number,
): LearningRate {
  if (flags.warmUp >= updates)
    throw rangeError('ERR_ARGUMENT', `--warm-up must be less than the ${updates} updates in all, got ${flags.warmUp}`);
  const rate = schedules[flags.schedule](flags.learningRate, updates - flags.warmUp);
  return flags.warmUp > 0 ? warmUp(rate, { steps: flags.warmUp }) : rate;
}
