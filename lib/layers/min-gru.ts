import { linearRecurrence } from '../ops/linear-recurrence.ts';
import { multiply } from '../ops/multiply.ts';
import { scale } from '../ops/scale.ts';
import { sigmoid } from '../ops/sigmoid.ts';
import type { Tensor } from '../program/tensor.ts';
import { type HiddenState, InputGateLayer, type InputGateOptions, InputGates } from './input-gates.ts';
import type { LayerContext } from './layer.ts';
import { checkRecurrentOptions } from './recurrent.ts';

/**
 * Minimal gated recurrent unit: its gate does not see the state, so that a long sequence is computed in parallel over time.
 * Feng et al. 2024, "Were RNNs all we needed?". Gates z h̃.
 *
 *   z = σ(x·W_z + b_z)      h̃ = x·W_h + b_h      h = (1−z)⊙h₋ + z⊙h̃
 */
export function minGru(options: InputGateOptions) {
  checkRecurrentOptions('minGru', options);
  return { type: 'minGru', ...options } as const;
}

export class MinGru extends InputGateLayer {
  constructor(options: InputGateOptions, context: LayerContext) {
    super(new InputGates(2, options, context));
  }

  /** x [tokens, I] → output [tokens, H] and the state after each sequence's last step. No state given means zeros. */
  forward(x: Tensor, state?: HiddenState): { output: Tensor; state: HiddenState } {
    const [update, candidate] = this.gates.of(x) as [Tensor, Tensor];
    const z = sigmoid(update);
    const { y, hN } = linearRecurrence(
      { a: scale(z, -1, 1), b: multiply(z, candidate), h: state?.h },
      { direction: this.gates.direction },
    );
    return { output: y, state: { h: hN } };
  }
}
