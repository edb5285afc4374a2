import type { RealArray } from '../../backend/backend.ts';
import type { Figure } from '../../optimizers/schedules/schedule.ts';
import type { Callback } from './callback.ts';
import { Monitor } from './monitor.ts';

export interface EarlyStoppingOptions {
  /** Default 'valLoss'. */
  readonly monitor?: Figure;
  /** Epochs without improvement that are borne. Default 0. */
  readonly patience?: number;
  /** A smaller change is no improvement. Default 0. */
  readonly minDelta?: number;
  /** Put the best epoch's parameters back at the end. Default true. */
  readonly restoreBest?: boolean;
}

/** Stops when a figure has not improved for a while. Prechelt 1998. */
export function earlyStopping(options: EarlyStoppingOptions = {}): Callback {
  const { monitor: name = 'valLoss', patience = 0, minDelta = 0, restoreBest = true } = options;
  const monitor = new Monitor(name, minDelta);
  let waited = 0;
  let best: RealArray | undefined;
  return {
    onEpochEnd(record, { model, stop }) {
      if (monitor.improves(record)) {
        waited = 0;
        if (restoreBest) best = model.parameters.array.slice();
      } else if (++waited > patience) stop();
    },
    onEnd({ model: { parameters } }) {
      if (!best) return;
      parameters.array.set(best);
      parameters.touch();
    },
  };
}
