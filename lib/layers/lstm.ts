import { lstm as record } from '../ops/lstm.ts';
import type { Tensor } from '../program/tensor.ts';
import type { Flow, Layer, LayerContext, Tensors } from './layer.ts';
import type { Parameter } from './parameter.ts';
import { checkRecurrentOptions, type RecurrentOptions, RecurrentWeights, type State } from './recurrent.ts';

export interface LstmOptions extends RecurrentOptions {
  /** What the forget gate's bias starts from. Default 1. Jozefowicz et al. 2015. */
  readonly forgetBias?: number;
}

/** Long short-term memory; `ops/lstm.ts` has the equations. */
export function lstm(options: LstmOptions) {
  checkRecurrentOptions('lstm', options);
  return { type: 'lstm', ...options } as const;
}

export class Lstm implements Layer {
  readonly weights: RecurrentWeights;
  readonly parameters: readonly Parameter[];
  readonly output: Flow;
  readonly cuttable: boolean;
  readonly states: RecurrentWeights['states'];
  readonly parts: RecurrentWeights['parts'];

  constructor(options: LstmOptions, context: LayerContext) {
    const { size, forgetBias = 1 } = options;
    this.weights = new RecurrentWeights(
      'lstm',
      options,
      context,
      new Float64Array(4 * size).fill(forgetBias, size, 2 * size),
    );
    this.parameters = this.weights.parameters;
    this.output = this.weights.output;
    this.cuttable = this.weights.cuttable;
    this.states = this.weights.states;
    this.parts = this.weights.parts;
  }

  /** x [tokens, I] → output [tokens, H] and the state after each sequence's last step. No state given: as `initialState` says. */
  forward(x: Tensor, state?: State<'lstm'>): { output: Tensor; state: State<'lstm'> } {
    const { y, hN, cN } = record(this.weights.inputs(x, state), this.weights.attributes);
    return { output: y, state: { h: hN, c: cN! } };
  }

  apply(x: Tensor): Tensor {
    return this.applyInParts(x).output;
  }

  applyInParts(x: Tensor, states?: Tensors): { output: Tensor; parts: State<'lstm'> } {
    const { output, state } = this.forward(x, states as State<'lstm'> | undefined);
    return { output: this.weights.select(output, state.h), parts: state };
  }
}
