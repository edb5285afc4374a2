import { rangeError } from '../../errors.ts';
import { positive } from '../optimizer.ts';

/** A figure of an epoch; losses are better when smaller, accuracies when larger. */
export type Figure = 'loss' | 'accuracy' | 'valLoss' | 'valAccuracy';
export type Figures = { readonly [F in Figure]?: number | undefined };

/** How far training has come. */
export interface Progress {
  /** Updates done. */
  readonly steps: number;
  /** What the epochs done came to. */
  readonly epochs: readonly Figures[];
}

/** What schedules by the clock have in common. */
export interface ScheduleOptions {
  /** The rate that the schedule starts from or rises to. */
  readonly rate: number;
  /** Whether its time t counts updates (the default) or epochs, as `fit` counts them; from 0. */
  readonly per?: 'step' | 'epoch';
}

/**
 * A learning rate that changes: what its factory returns, an optimizer takes as `learningRate`, and a model file keeps. It
 * depends on the progress of training alone, so that training goes on with it wherever it was left.
 */
export interface Schedule extends ScheduleOptions {
  readonly schedule: string;
}

/** A number, or a schedule. */
export type LearningRate = number | Schedule;

/** @throws ERR_ARGUMENT unless `rate` is a positive number and `per` a unit */
export function checkSchedule(name: string, { rate, per = 'step' }: ScheduleOptions): void {
  positive(name, { rate });
  if (per !== 'step' && per !== 'epoch')
    throw rangeError('ERR_ARGUMENT', `${name}: per must be 'step' or 'epoch', got ${String(per)}`);
}
