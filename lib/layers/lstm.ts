import type { Activation } from '../activations.ts';
import { rangeError } from '../errors.ts';
import { gatesOf } from '../ops/cell-options.ts';
import { lstm as lstmFused } from '../ops/lstm.ts';
import { lstmScan } from '../ops/lstm-scan.ts';
import type { RecurrentOutputs } from '../ops/recurrent.ts';
import type { Tensor } from '../program/tensor.ts';
import { initializer } from './initializers.ts';
import { type Flow, type Layer, type LayerContext, oneOf, type Tensors, wholeNumbers } from './layer.ts';
import { Parameter } from './parameter.ts';
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
  /**
   * Makes h narrower or wider than the cell: h = clip((o⊙tanh(c))·P) with `size` features, each bounded to [−clip, clip] where a
   * clip is given. Such a layer runs as a scan. Default none. Sak et al. 2014.
   */
  readonly projection?: number | { readonly size: number; readonly clip?: number };
  /**
   * Layer normalization inside the cell, of x·W and h·R apart ('joint', Ba et al. 2016) or of each gate's sum ('perGate', TensorFlow
   * 1's LayerNormBasicLSTMCell), and of the cell state; `ops/lstm-scan.ts` has the equations. Such a layer runs as a scan. Gains
   * start from 1, shifts from 0. Default none.
   */
  readonly layerNorm?: 'joint' | 'perGate';
}

function projectionOf({ projection }: LstmOptions) {
  return typeof projection === 'number' ? { size: projection } : projection;
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
  const { projection, layerNorm, recompute } = options;
  if (layerNorm !== undefined) oneOf('lstm', { layerNorm: [layerNorm, ['joint', 'perGate']] });
  const { size, clip } = projectionOf(options) ?? { size: 1 };
  wholeNumbers('lstm', { 'projection.size': size });
  if (clip !== undefined && !(clip > 0))
    throw rangeError('ERR_ARGUMENT', `lstm: projection.clip must be greater than 0, got ${clip}`);
  if (recompute && (projection || layerNorm))
    throw rangeError('ERR_ARGUMENT', 'lstm: recompute is of the fused cell; it has neither projection nor layerNorm');
  return { type: 'lstm', ...options } as const;
}

interface Norm {
  readonly of: 'inputNorm' | 'recurrentNorm' | 'gateNorm' | 'cellNorm';
  readonly gain: Parameter;
  readonly shift: Parameter;
}

function normsOf({ size, layerNorm }: LstmOptions, gates: number, name: string): Norm[] {
  const norm = (of: Norm['of'], shape: readonly number[]): Norm => {
    const elements = shape.reduce((product, extent) => product * extent, 1);
    return {
      of,
      gain: new Parameter(`${name}.${of}Gain`, shape, new Float64Array(elements).fill(1)),
      shift: new Parameter(`${name}.${of}Shift`, shape, new Float64Array(elements)),
    };
  };
  if (layerNorm === 'joint')
    return [norm('inputNorm', [gates * size]), norm('recurrentNorm', [gates * size]), norm('cellNorm', [size])];
  return layerNorm === 'perGate' ? [norm('gateNorm', [gates, size]), norm('cellNorm', [size])] : [];
}

export class Lstm implements Layer {
  readonly weights: RecurrentWeights;
  /** [size, projection.size] */
  readonly projection: Parameter | undefined;
  /** Gains and shifts of what is normalized, by the names of lstm-scan.ts. */
  private readonly norms: readonly Norm[];
  private readonly options: LstmOptions;
  readonly parameters: readonly Parameter[];
  readonly output: Flow;
  readonly cuttable: boolean;
  readonly states: RecurrentWeights['states'];
  readonly parts: RecurrentWeights['parts'];

  constructor(options: LstmOptions, context: LayerContext) {
    const { size, forgetBias = 1, trainable = true } = options;
    const choices = choicesOf(options);
    const projected = projectionOf(options);
    const stateSize = projected?.size ?? size;
    this.options = options;
    this.weights = new RecurrentWeights('lstm', options, context, { choices, forgetBias, stateSize });
    this.projection =
      projected &&
      new Parameter(
        `${context.name}.projection`,
        [size, stateSize],
        initializer(options.initializer ?? 'glorotUniform')(size, stateSize, context.random),
      );
    this.norms = normsOf(options, gatesOf('lstm', choices).length, context.name);
    const own = [this.projection, ...this.norms.flatMap(({ gain, shift }) => [gain, shift])].filter(
      p => p !== undefined,
    );
    for (const parameter of own) parameter.trainable = trainable;
    this.parameters = [...this.weights.parameters, ...own];
    this.output = this.weights.output;
    this.cuttable = this.weights.cuttable;
    this.states = this.weights.states;
    this.parts = this.weights.parts;
  }

  /** x [tokens, I] → output [tokens, width of h] and the state after each sequence's last step. No state given: as `initialState` says. */
  forward(x: Tensor, state?: State<'lstm'>): { output: Tensor; state: State<'lstm'> } {
    const { y, hN, cN } = this.record(x, state);
    return { output: y, state: { h: hN, c: cN! } };
  }

  private record(x: Tensor, state: State<'lstm'> | undefined): RecurrentOutputs {
    const [inputs, { recompute, ...attributes }] = [this.weights.inputs(x, state), this.weights.attributes(x)];
    const { layerNorm } = this.options;
    if (!this.projection && !layerNorm) return lstmFused(inputs, { ...attributes, recompute: recompute ?? false });
    const { recording } = x;
    const norms = this.norms.map(({ of, gain, shift }) => [
      of,
      { gain: gain.tensor(recording), shift: shift.tensor(recording) },
    ]);
    return lstmScan(
      { ...inputs, projection: this.projection?.tensor(recording), ...Object.fromEntries(norms) },
      { ...attributes, layerNorm, projectionClip: projectionOf(this.options)?.clip },
    );
  }

  apply(x: Tensor): Tensor {
    return this.applyInParts(x).output;
  }

  applyInParts(x: Tensor, states?: Tensors): { output: Tensor; parts: State<'lstm'> } {
    const { output, state } = this.forward(x, states as State<'lstm'> | undefined);
    return { output: this.weights.select(output, state.h), parts: state };
  }
}
