import type { Tensor } from '../program/tensor.ts';
import { add } from './add.ts';
import { multiply } from './multiply.ts';
import { gateOf } from './scan-cell.ts';
import { sigmoid } from './sigmoid.ts';
import { tanh } from './tanh.ts';

/**
 * What a step of long short-term memory does besides its products, for the body of a `scan`: a [..., 4H], the sum of
 * everything that reaches its gates i f g o, and c₋ [..., H] → h and c. Where nothing happens between steps, `lstm` is fused and
 * faster.
 *
 *   i = σ(aᵢ)   f = σ(a_f)   g = tanh(a_g)   o = σ(a_o)      c = f⊙c₋ + i⊙g      h = o⊙tanh(c)
 */
export function lstmStep(a: Tensor, c: Tensor): { readonly h: Tensor; readonly c: Tensor } {
  const size = c.shape.at(-1) as number;
  const gate = (k: number) => gateOf(a, k, size);
  const written = multiply(sigmoid(gate(0)), tanh(gate(2)));
  const next = add(multiply(sigmoid(gate(1)), c), written);
  return { h: multiply(sigmoid(gate(3)), tanh(next)), c: next };
}
