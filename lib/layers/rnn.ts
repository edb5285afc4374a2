import { type Activation, completeActivation } from '../activations.ts';
import { rnn as record } from '../ops/rnn.ts';
import type { Tensor } from '../program/tensor.ts';
import type { Flow, Layer, LayerContext, Tensors } from './layer.ts';
import type { Parameter } from './parameter.ts';
import { checkCellOptions, type RecurrentOptions, RecurrentWeights, type State } from './recurrent.ts';

export interface RnnOptions extends RecurrentOptions {
  /** Default 'tanh'. */
  readonly activation?: Activation;
}

/** Simple recurrent network; `ops/rnn.ts` has the equation. */
export function rnn(options: RnnOptions) {
  checkCellOptions('rnn', options);
  completeActivation('rnn', options.activation ?? 'tanh');
  return { type: 'rnn', ...options } as const;
}

export class Rnn implements Layer {
  readonly weights: RecurrentWeights;
  readonly parameters: readonly Parameter[];
  readonly output: Flow;
  readonly cuttable: boolean;
  readonly states: RecurrentWeights['states'];
  readonly parts: RecurrentWeights['parts'];
  private readonly activation: Activation;

  constructor(options: RnnOptions, context: LayerContext) {
    this.weights = new RecurrentWeights('rnn', options, context);
    this.parameters = this.weights.parameters;
    this.output = this.weights.output;
    this.cuttable = this.weights.cuttable;
    this.states = this.weights.states;
    this.parts = this.weights.parts;
    this.activation = options.activation ?? 'tanh';
  }

  /** x [tokens, I] → output [tokens, H] and the state after each sequence's last step. No state given: as `initialState` says. */
  forward(x: Tensor, state?: State<'rnn'>): { output: Tensor; state: State<'rnn'> } {
    const attributes = { ...this.weights.attributes(x), activation: this.activation };
    const { y, hN } = record(this.weights.inputs(x, state), attributes);
    return { output: y, state: { h: hN } };
  }

  apply(x: Tensor): Tensor {
    return this.applyInParts(x).output;
  }

  applyInParts(x: Tensor, states?: Tensors): { output: Tensor; parts: State<'rnn'> } {
    const { output, state } = this.forward(x, states as State<'rnn'> | undefined);
    return { output: this.weights.select(output, state.h), parts: state };
  }
}
