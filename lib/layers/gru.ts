import type { Activation } from '../activations.ts';
import { type GruAttributes, gru as record } from '../ops/gru.ts';
import type { Tensor } from '../program/tensor.ts';
import { type Flow, type Layer, type LayerContext, oneOf, type Tensors } from './layer.ts';
import type { Parameter } from './parameter.ts';
import { checkCellOptions, type RecurrentOptions, RecurrentWeights, type State } from './recurrent.ts';

export interface GruOptions extends RecurrentOptions {
  /** Whether the reset gate acts after the product with the recurrent weights or before it. Default 'after'. */
  readonly reset?: GruAttributes['reset'];
  /** What an open update gate does to the old state. Default 'keep'. */
  readonly updateGate?: GruAttributes['updateGate'];
  /** Activations of gates in place of σ of r z and tanh of n. */
  readonly activations?: Readonly<Partial<Record<'r' | 'z' | 'n', Activation>>>;
}

/** Gated recurrent unit; `ops/gru.ts` has the equations. */
export function gru(options: GruOptions) {
  checkCellOptions('gru', options, { activations: options.activations });
  oneOf('gru', {
    reset: [options.reset ?? 'after', ['after', 'before']],
    updateGate: [options.updateGate ?? 'keep', ['keep', 'write']],
  });
  return { type: 'gru', ...options } as const;
}

export class Gru implements Layer {
  readonly weights: RecurrentWeights;
  readonly parameters: readonly Parameter[];
  readonly output: Flow;
  readonly cuttable: boolean;
  readonly states: RecurrentWeights['states'];
  readonly parts: RecurrentWeights['parts'];
  private readonly choices: Pick<GruAttributes, 'reset' | 'updateGate'>;

  constructor(options: GruOptions, context: LayerContext) {
    const { reset = 'after', updateGate = 'keep', activations } = options;
    this.weights = new RecurrentWeights('gru', options, context, { choices: { activations } });
    this.parameters = this.weights.parameters;
    this.output = this.weights.output;
    this.cuttable = this.weights.cuttable;
    this.states = this.weights.states;
    this.parts = this.weights.parts;
    this.choices = { reset, updateGate };
  }

  /** x [tokens, I] → output [tokens, H] and the state after each sequence's last step. No state given: as `initialState` says. */
  forward(x: Tensor, state?: State<'gru'>): { output: Tensor; state: State<'gru'> } {
    const { y, hN } = record(this.weights.inputs(x, state), { ...this.weights.attributes(x), ...this.choices });
    return { output: y, state: { h: hN } };
  }

  apply(x: Tensor): Tensor {
    return this.applyInParts(x).output;
  }

  applyInParts(x: Tensor, states?: Tensors): { output: Tensor; parts: State<'gru'> } {
    const { output, state } = this.forward(x, states as State<'gru'> | undefined);
    return { output: this.weights.select(output, state.h), parts: state };
  }
}
