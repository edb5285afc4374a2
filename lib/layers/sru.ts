import { add } from '../ops/add.ts';
import { delay } from '../ops/delay.ts';
import { fill } from '../ops/fill.ts';
import { multiply } from '../ops/multiply.ts';
import { scan } from '../ops/scan.ts';
import { sigmoid } from '../ops/sigmoid.ts';
import { subtract } from '../ops/subtract.ts';
import type { Tensor } from '../program/tensor.ts';
import { InputGateLayer, type InputGateOptions, InputGates } from './input-gates.ts';
import type { LayerContext } from './layer.ts';
import type { Parameter } from './parameter.ts';
import { checkRecurrentOptions } from './recurrent.ts';

/** [batch, size] in the caller's order. */
export interface SruState {
  readonly c: Tensor;
}

/**
 * Simple recurrent unit: every unit sees the input and itself alone, and a reset gate mixes its state with the input. Lei et al.
 * 2018, "Simple recurrent units for highly parallelizable recurrence". Gates f r.
 *
 *   f = σ(x·W_f + v_f⊙c₋ + b_f)      c = f⊙c₋ + (1−f)⊙(x·W)
 *   r = σ(x·W_r + v_r⊙c₋ + b_r)      h = r⊙c + (1−r)⊙x
 *
 * Where x has another size than h, x·W_x stands for it in h. v begins as zeros.
 */
export function sru(options: InputGateOptions) {
  checkRecurrentOptions('sru', options);
  return { type: 'sru', ...options } as const;
}

export class Sru extends InputGateLayer {
  /** W and, where the sizes differ, W_x, which have no bias. */
  readonly inputs: InputGates;
  /** [size]: v_f and v_r */
  readonly forgetWeight: Parameter;
  readonly resetWeight: Parameter;

  constructor(options: InputGateOptions, context: LayerContext) {
    const { size } = options;
    const { name, input } = context;
    super(new InputGates(2, options, context), { c: size });
    const unbiased = { ...options, bias: false };
    this.inputs = new InputGates(input.size === size ? 1 : 2, unbiased, { ...context, name: `${name}.state` });
    this.parameters.push(...this.inputs.parameters);
    this.forgetWeight = this.own('forgetWeight', new Float64Array(size));
    this.resetWeight = this.own('resetWeight', new Float64Array(size));
  }

  /** x [tokens, I] → output [tokens, H] and the state after each sequence's last step. No state given means zeros. */
  forward(x: Tensor, state?: SruState): { output: Tensor; state: SruState } {
    const { recording } = x;
    const [forget, reset] = this.gates.of(x) as [Tensor, Tensor];
    const [candidate, input = x] = this.inputs.of(x) as [Tensor, Tensor?];
    const [vf, vr] = [this.forgetWeight.tensor(recording), this.resetWeight.tensor(recording)];
    const initial = state?.c ?? fill(recording, [x.layout!.batch, this.output.size], 0);
    const { outputs, states } = scan(
      { sequences: { forget, candidate }, states: { c: initial } },
      step => {
        const f = sigmoid(add(step.forget, multiply(vf, step.c)));
        const c = mix(f, step.c, step.candidate);
        return { states: { c }, outputs: { c } };
      },
      { direction: this.gates.direction },
    );
    const { y: before } = delay(outputs.c, { before: initial, direction: this.gates.direction });
    const r = sigmoid(add(reset, multiply(vr, before)));
    return { output: mix(r, outputs.c, input), state: states };
  }
}

/** gate⊙a + (1−gate)⊙b */
function mix(gate: Tensor, a: Tensor, b: Tensor): Tensor {
  return add(b, multiply(gate, subtract(a, b)));
}
