import type { Tensor } from '../program/tensor.ts';
import { add } from './add.ts';
import { multiply } from './multiply.ts';
import { gateOf } from './scan-cell.ts';
import { sigmoid } from './sigmoid.ts';
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
  const r = sigmoid(add(gateOf(a, 0, size), gateOf(u, 0, size)));
  const z = sigmoid(add(gateOf(a, 1, size), gateOf(u, 1, size)));
  const n = tanh(add(gateOf(a, 2, size), multiply(r, gateOf(u, 2, size))));
  return add(n, multiply(z, subtract(h, n)));
}
