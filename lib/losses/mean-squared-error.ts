import { square } from '../ops/square.ts';
import type { Loss, LossOptions } from './loss.ts';
import { regression } from './regression.ts';

/** Mean of (output − target)² over rows and outputs: forecasting and other regressions. */
export function meanSquaredError(options: LossOptions = {}): Loss {
  return regression('meanSquaredError', options, square);
}
