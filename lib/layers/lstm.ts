import type { Activation } from '../activations.ts';
import { lstm as record } from '../ops/lstm.ts';
import type { Tensor } from '../program/tensor.ts';
import type { Flow, Layer, LayerContext, Tensors } from './layer.ts';
import type { Parameter } from './parameter.ts';
import {
  type CellChoices,
  checkCellOptions,
  type RecurrentOptions,
  RecurrentWeights,
  type State,
} from './recurrent.ts';

export interface LstmOptions extends RecurrentOptions {
  /** What the forget gate's bias starts from. Default 1. Jozefowicz et al. 2015. */
  readonly forgetBias?: number;
  /** Activations of gates and, as c, of the new cell state, in place of σ of i f o and tanh of g c. */
  readonly activations?: Readonly<Partial<Record<'i' | 'f' | 'g' | 'o' | 'c', Activation>>>;
  /**
   * The gates that also see the cell state, true for all of them: i and f see it before the step, o after it. Their weights
   * start from 0. Default none. Gers & Schmidhuber 2000.
   */
  readonly peepholes?: boolean | readonly ('i' | 'f' | 'o')[];
  /** The gate that is computed from another and has no weights: 'f' = 1 − i or 'i' = 1 − f. Default none. Greff et al. 2017. */
  readonly coupled?: 'f' | 'i';
  /** Bounds the cell state to [−cellClip, cellClip]. Default: no bound. Sak et al. 2014. */
  readonly cellClip?: number;
}

function choicesOf({ activations, peepholes = false, coupled, cellClip }: LstmOptions): CellChoices {
  const seeing = typeof peepholes === 'boolean' ? (peepholes ? (['i', 'f', 'o'] as const) : []) : peepholes;
  return {
    activations,
    coupled,
    cellClip,
    peepholes: peepholes === true ? seeing.filter(gate => gate !== coupled) : seeing,
  };
}

/** Long short-term memory; `ops/lstm.ts` has the equations. */
export function lstm(options: LstmOptions) {
  checkCellOptions('lstm', options, choicesOf(options));
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
    const { forgetBias = 1 } = options;
    this.weights = new RecurrentWeights('lstm', options, context, { choices: choicesOf(options), forgetBias });
    this.parameters = this.weights.parameters;
    this.output = this.weights.output;
    this.cuttable = this.weights.cuttable;
    this.states = this.weights.states;
    this.parts = this.weights.parts;
  }

  /** x [tokens, I] → output [tokens, H] and the state after each sequence's last step. No state given: as `initialState` says. */
  forward(x: Tensor, state?: State<'lstm'>): { output: Tensor; state: State<'lstm'> } {
    const { y, hN, cN } = record(this.weights.inputs(x, state), this.weights.attributes(x));
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
