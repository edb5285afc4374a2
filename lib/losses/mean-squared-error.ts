import { mean } from '../ops/mean.ts';
import { square } from '../ops/square.ts';
import { subtract } from '../ops/subtract.ts';
import type { Loss } from './loss.ts';

/** Mean of (output − target)² over rows and outputs: forecasting and other regressions. */
export function meanSquaredError(): Loss {
  return {
    name: 'meanSquaredError',
    options: {},
    activation: 'linear',
    targets: 'real',
    record: (outputs, targets) => ({ loss: mean(square(subtract(outputs, targets))) }),
  };
}
