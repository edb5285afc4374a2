import type { Tensor } from '../program/tensor.ts';
import { add } from './add.ts';
import { multiply } from './multiply.ts';
import { sigmoid } from './sigmoid.ts';
import { slice } from './slice.ts';
import { subtract } from './subtract.ts';
import { tanh } from './tanh.ts';

/**
 * What a step of a gated recurrent unit does besides its products, for the body of a `scan`: a [..., 3H], what reaches its gates
 * r z n from outside, u [..., 3H], what reaches them from the state, and h₋ [..., H] → h. The reset gate acts after the
 * product, an open update gate keeps. Where nothing happens between steps, `gru` is fused and faster.
 *
 *   r = σ(a_r + u_r)   z = σ(a_z + u_z)   n = tanh(a_n + r⊙u_n)      h = z⊙h₋ + (1−z)⊙n
 */
export function gruStep(a: Tensor, u: Tensor, h: Tensor): Tensor {
  const size = h.shape.at(-1) as number;
  const block = (x: Tensor, k: number) => slice(x, { axis: -1, start: k * size, stop: (k + 1) * size });
  const r = sigmoid(add(block(a, 0), block(u, 0)));
  const z = sigmoid(add(block(a, 1), block(u, 1)));
  const n = tanh(add(block(a, 2), multiply(r, block(u, 2))));
  return add(n, multiply(z, subtract(h, n)));
}
