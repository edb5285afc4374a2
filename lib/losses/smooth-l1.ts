import { rangeError } from '../errors.ts';
import { smoothAbs } from '../ops/smooth-abs.ts';
import type { Loss, LossOptions } from './loss.ts';
import { regression } from './regression.ts';

export interface SmoothL1Options extends LossOptions {
  /** Errors below this are squared; at least 0. Default 1. */
  readonly beta?: number;
}

/** Mean of d²/(2β) where d = |output − target| < β, else d − β/2. Girshick 2015. */
export function smoothL1(options: SmoothL1Options = {}): Loss {
  const { beta = 1 } = options;
  if (!(beta >= 0 && Number.isFinite(beta)))
    throw rangeError('ERR_ARGUMENT', `smoothL1: beta must be a number of at least 0, got ${beta}`);
  return regression('smoothL1', options, difference => smoothAbs(difference, { beta }));
}
