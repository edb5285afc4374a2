import { rangeError } from '../../errors.ts';
import { cosineDecayRate } from './cosine-decay.ts';
import { cosineRestartsRate } from './cosine-restarts.ts';
import { exponentialDecayRate } from './exponential-decay.ts';
import { milestonesRate } from './milestones.ts';
import { oneCycleRate } from './one-cycle.ts';
import { plateauRate } from './plateau.ts';
import { rampRate } from './ramp.ts';
import type { LearningRate, Progress } from './schedule.ts';
import { stepDecayRate } from './step-decay.ts';
import { warmUpRate } from './warm-up.ts';

type Formula = (
  schedule: never,
  t: number,
  progress: Progress,
  rateAt: (rate: LearningRate, progress: Progress) => number,
) => number;

/** What each schedule comes to. A new one is its file and its line here. */
const formulas: Readonly<Record<string, Formula>> = {
  cosineDecay: cosineDecayRate,
  cosineRestarts: cosineRestartsRate,
  exponentialDecay: exponentialDecayRate,
  milestones: milestonesRate,
  oneCycle: oneCycleRate,
  plateau: plateauRate,
  ramp: rampRate,
  stepDecay: stepDecayRate,
  warmUp: warmUpRate,
};

/** The learning rate of the next update. @throws ERR_FORMAT for a schedule that does not exist */
export function rateAt(rate: LearningRate, progress: Progress): number {
  if (typeof rate === 'number') return rate;
  const { schedule, per } = rate;
  if (!Object.hasOwn(formulas, schedule))
    throw rangeError(
      'ERR_FORMAT',
      `there is no learning-rate schedule ${schedule}; there are ${Object.keys(formulas).join(', ')}`,
    );
  const t = per === 'epoch' ? progress.epochs.length : progress.steps;
  return formulas[schedule]!(rate as never, t, progress, rateAt);
}
