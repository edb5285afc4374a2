import { add } from '../ops/add.ts';
import { divide } from '../ops/divide.ts';
import { linearRecurrence } from '../ops/linear-recurrence.ts';
import { multiply } from '../ops/multiply.ts';
import { sigmoid } from '../ops/sigmoid.ts';
import type { Tensor } from '../program/tensor.ts';
import { type HiddenState, InputGateLayer, type InputGateOptions, InputGates } from './input-gates.ts';
import type { LayerContext } from './layer.ts';
import { checkRecurrentOptions } from './recurrent.ts';

/**
 * Minimal long short-term memory: its gates do not see the state, so that a long sequence is computed in parallel over time,
 * and their shares of the new state sum to 1. Feng et al. 2024, "Were RNNs all we needed?". Gates f i h̃.
 *
 *   f = σ(x·W_f + b_f)      i = σ(x·W_i + b_i)      h̃ = x·W_h + b_h
 *   h = f/(f+i)⊙h₋ + i/(f+i)⊙h̃
 */
export function minLstm(options: InputGateOptions) {
  checkRecurrentOptions('minLstm', options);
  return { type: 'minLstm', ...options } as const;
}

export class MinLstm extends InputGateLayer {
  constructor(options: InputGateOptions, context: LayerContext) {
    super(new InputGates(3, options, context));
  }

  /** x [tokens, I] → output [tokens, H] and the state after each sequence's last step. No state given means zeros. */
  forward(x: Tensor, state?: HiddenState): { output: Tensor; state: HiddenState } {
    const [forget, input, candidate] = this.gates.of(x) as [Tensor, Tensor, Tensor];
    const [f, i] = [sigmoid(forget), sigmoid(input)];
    const sum = add(f, i);
    const { y, hN } = linearRecurrence(
      { a: divide(f, sum), b: multiply(divide(i, sum), candidate), h: state?.h },
      { direction: this.gates.direction },
    );
    return { output: y, state: { h: hN } };
  }
}
