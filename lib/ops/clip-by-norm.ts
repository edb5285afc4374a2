import type { Tensor } from '../program/tensor.ts';
import { divide } from './divide.ts';
import { fill } from './fill.ts';
import { globalNorm } from './global-norm.ts';
import { multiply } from './multiply.ts';
import { relu } from './relu.ts';
import { scale } from './scale.ts';

/** x scaled down to an L2 norm of at most `limit`: x·limit/max(‖x‖ + 10⁻⁶, limit). */
export function clipByNorm(x: Tensor, limit: number): Tensor {
  const excess = relu(scale(globalNorm([x]), 1, 1e-6 - limit));
  return multiply(x, divide(fill(x.recording, [], limit), scale(excess, 1, limit)));
}
