import { rangeError } from '../errors.ts';
import { activate } from '../ops/activation.ts';
import { exp } from '../ops/exp.ts';
import { linearRecurrence } from '../ops/linear-recurrence.ts';
import { multiply } from '../ops/multiply.ts';
import { scale } from '../ops/scale.ts';
import { sigmoid } from '../ops/sigmoid.ts';
import { sqrt } from '../ops/sqrt.ts';
import { square } from '../ops/square.ts';
import { tanh } from '../ops/tanh.ts';
import type { Tensor } from '../program/tensor.ts';
import { type HiddenState, InputGateLayer, type InputGateOptions, InputGates } from './input-gates.ts';
import type { LayerContext } from './layer.ts';
import type { Parameter } from './parameter.ts';
import { checkRecurrentOptions } from './recurrent.ts';

/** The exponent of a where the recurrence gate is open: the c of the paper. */
const openExponent = 8;

/**
 * Real-gated linear recurrent unit: every unit decays at a rate of its own, which a gate holds up; gates do not see the state, so
 * that a long sequence is computed in parallel over time. De et al. 2024, "Griffin: mixing gated linear recurrences with local
 * attention for efficient language models". Gates r i.
 *
 *   r = σ(x·W_r + b_r)      i = σ(x·W_i + b_i)      a = σ(Λ)^(8·r)      h = a⊙h₋ + √(1−a²)⊙(i⊙x)
 *
 * x has as many features as there are units; bring it there with a dense layer. Λ begins such that σ(Λ)⁸ is evenly drawn from
 * [0.9, 0.999).
 */
export function rgLru(options: InputGateOptions) {
  checkRecurrentOptions('rgLru', options);
  return { type: 'rgLru', ...options } as const;
}

export class RgLru extends InputGateLayer {
  /** [size]: Λ */
  readonly decay: Parameter;

  constructor(options: InputGateOptions, context: LayerContext) {
    const { size } = options;
    const { name, input, random } = context;
    super(new InputGates(2, options, context));
    if (input.size !== size)
      throw rangeError(
        'ERR_SHAPE',
        `${name}: gets ${input.size} features, but rgLru reads as many as it has units, ${size}; put dense({ size: ${size} }) before it`,
      );
    const drawn = Float64Array.from({ length: size }, () => {
      const a = (0.9 + 0.099 * random.uniform()) ** (1 / openExponent);
      return Math.log(a / (1 - a));
    });
    this.decay = this.own('decay', drawn);
  }

  /** x [tokens, H] → output [tokens, H] and the state after each sequence's last step. No state given means zeros. */
  forward(x: Tensor, state?: HiddenState): { output: Tensor; state: HiddenState } {
    const [recurrence, input] = this.gates.of(x) as [Tensor, Tensor];
    // −ln a = 8·r·softplus(−Λ), and 1−a² = tanh(−ln a)·(1+a²), which loses no digits where a is next to 1.
    const fastest = scale(activate(scale(this.decay.tensor(x.recording), -1), 'softplus'), openExponent);
    const rate = multiply(sigmoid(recurrence), fastest);
    const a = exp(scale(rate, -1));
    const share = sqrt(multiply(tanh(rate), scale(square(a), 1, 1)));
    const b = multiply(share, multiply(sigmoid(input), x));
    const { y, hN } = linearRecurrence({ a, b, h: state?.h }, { direction: this.gates.direction });
    return { output: y, state: { h: hN } };
  }
}
