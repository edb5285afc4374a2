import type { Figure } from '../../optimizers/schedules/schedule.ts';
import type { Callback } from './callback.ts';
import { Monitor } from './monitor.ts';

/** Saves the model after every epoch that is the best so far. */
export function bestCheckpoint(
  path: string,
  {
    monitor: name = 'valLoss',
  }: {
    /** Default 'valLoss'. */
    readonly monitor?: Figure;
  } = {},
): Callback {
  const monitor = new Monitor(name);
  return {
    async onEpochEnd(record, { model }) {
      if (monitor.improves(record)) await model.save(path);
    },
  };
}
