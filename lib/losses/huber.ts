import { rangeError } from '../errors.ts';
import { scale } from '../ops/scale.ts';
import { smoothAbs } from '../ops/smooth-abs.ts';
import type { Loss, LossOptions } from './loss.ts';
import { regression } from './regression.ts';

export interface HuberOptions extends LossOptions {
  /** Errors up to this are squared, above it they cost δ each. Default 1. */
  readonly delta?: number;
}

/** Mean of d²/2 where d = |output − target| ≤ δ, else δ·(d − δ/2). Huber 1964. */
export function huber(options: HuberOptions = {}): Loss {
  const { delta = 1 } = options;
  if (!(delta > 0 && Number.isFinite(delta)))
    throw rangeError('ERR_ARGUMENT', `huber: delta must be a positive number, got ${delta}`);
  return regression('huber', options, difference => scale(smoothAbs(difference, { beta: delta }), delta));
}
