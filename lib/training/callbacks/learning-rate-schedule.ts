import { rangeError } from '../../errors.ts';
import type { Callback } from './callback.ts';

/** Sets the learning rate of each epoch: `schedule(epoch, rate)` gets the epoch, from 1, and the optimizer's own rate. */
export function learningRateSchedule(schedule: (epoch: number, rate: number) => number): Callback {
  return {
    onEpochStart({ epoch, trainer }) {
      const rate = schedule(epoch, trainer.optimizer.learningRate);
      if (!(rate >= 0 && Number.isFinite(rate)))
        throw rangeError(
          'ERR_ARGUMENT',
          `learningRateSchedule: epoch ${epoch} got the rate ${rate}, expected a number of at least 0`,
        );
      trainer.learningRate = rate;
    },
  };
}
