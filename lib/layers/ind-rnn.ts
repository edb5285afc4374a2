import { add } from '../ops/add.ts';
import { fill } from '../ops/fill.ts';
import { multiply } from '../ops/multiply.ts';
import { relu } from '../ops/relu.ts';
import { scan } from '../ops/scan.ts';
import type { Tensor } from '../program/tensor.ts';
import { type HiddenState, InputGateLayer, type InputGateOptions, InputGates } from './input-gates.ts';
import type { LayerContext } from './layer.ts';
import type { Parameter } from './parameter.ts';
import { checkRecurrentOptions } from './recurrent.ts';

/**
 * Independently recurrent network: every unit sees the input and itself alone, one step after another. Li et al. 2018,
 * "Independently recurrent neural network (IndRNN): building a longer and deeper RNN".
 *
 *   h = relu(x·W + u⊙h₋ + b)
 *
 * u begins evenly drawn from [0, 1): some units keep what they saw, some forget at once.
 */
export function indRnn(options: InputGateOptions) {
  checkRecurrentOptions('indRnn', options);
  return { type: 'indRnn', ...options } as const;
}

export class IndRnn extends InputGateLayer {
  /** [size] */
  readonly recurrentWeight: Parameter;

  constructor(options: InputGateOptions, context: LayerContext) {
    super(new InputGates(1, options, context));
    const drawn = Float64Array.from({ length: options.size }, () => context.random.uniform());
    this.recurrentWeight = this.own('recurrentWeight', drawn);
  }

  /** x [tokens, I] → output [tokens, H] and the state after each sequence's last step. No state given means zeros. */
  forward(x: Tensor, state?: HiddenState): { output: Tensor; state: HiddenState } {
    const { recording } = x;
    const [input] = this.gates.of(x) as [Tensor];
    const u = this.recurrentWeight.tensor(recording);
    const h = state?.h ?? fill(recording, [x.layout!.batch, this.output.size], 0);
    const { outputs, states } = scan(
      { sequences: { input }, states: { h } },
      step => {
        const next = relu(add(step.input, multiply(u, step.h)));
        return { states: { h: next }, outputs: { y: next } };
      },
      { direction: this.gates.direction },
    );
    return { output: outputs.y, state: states };
  }
}
