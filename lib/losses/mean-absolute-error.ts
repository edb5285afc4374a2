import { smoothAbs } from '../ops/smooth-abs.ts';
import type { Loss, LossOptions } from './loss.ts';
import { regression } from './regression.ts';

/** Mean of |output − target|, also called L1: a regression towards the median, which outliers do not pull away. */
export function meanAbsoluteError(options: LossOptions = {}): Loss {
  return regression('meanAbsoluteError', options, difference => smoothAbs(difference, { beta: 0 }));
}
