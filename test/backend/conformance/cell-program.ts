import { type CellName, cells } from '../../../lib/cells.ts';
import { gatesOf, type LstmCellOptions } from '../../../lib/ops/cell-options.ts';
import { gradients } from '../../../lib/ops/gradients.ts';
import { type GruAttributes, gru } from '../../../lib/ops/gru.ts';
import { lstm } from '../../../lib/ops/lstm.ts';
import type { Direction, RecurrentInputs, RecurrentOutputs, SequenceAttributes } from '../../../lib/ops/recurrent.ts';
import { rnn } from '../../../lib/ops/rnn.ts';
import type { Program } from '../../../lib/program/program.ts';
import { type Quantization, record } from '../../../lib/program/recording.ts';
import type { Tensor } from '../../../lib/program/tensor.ts';

/** One recurrent layer with everything that can be chosen about it. */
export interface CellCase {
  readonly cell: CellName;
  readonly inputSize: number;
  /** Rows of the table that the layer reads its inputs from; 0: it is given x itself. */
  readonly rows: number;
  readonly size: number;
  readonly direction: Direction;
  readonly biases: 'none' | 'one' | 'two';
  readonly initialState: boolean;
  readonly masks: 'none' | 'shared' | 'per gate';
  /** Of x, where they are others than those of h. */
  readonly masksOfX?: CellCase['masks'];
  readonly activation: 'tanh' | 'relu';
  readonly reset: GruAttributes['reset'];
  readonly updateGate: GruAttributes['updateGate'];
  /** int8 in inference, without masks. */
  readonly quantize?: Quantization;
  /** Beside the plain equations. */
  readonly options?: LstmCellOptions;
  /** Whether zoneout is given per unit and step. */
  readonly zoned?: boolean;
  /** Default: what backward needs is kept. */
  readonly recompute?: SequenceAttributes['recompute'];
}

/** A layer with two biases and initial states, without masks, and what a test chooses about it. */
export function plainCase(cell: CellName, chosen: Partial<CellCase> = {}): CellCase {
  return {
    cell,
    inputSize: 17,
    rows: 0,
    size: 33,
    direction: 'forward',
    biases: 'two',
    initialState: true,
    masks: 'none',
    activation: 'tanh',
    reset: 'after',
    updateGate: 'keep',
    ...chosen,
  };
}

/** Weights scaled so that a pre-activation is of the order of 1, and relu does not grow along a long sequence. */
export function largestOf(name: string, extents: readonly number[]): number {
  return name.endsWith('Weight') ? 1 / Math.sqrt(extents[0]!) : 1;
}

/** The id whose row of a table is not learned. */
const ignore = 2;

export interface Differentiation {
  /** Outputs at which gradients arrive; all of them when left out. */
  readonly arriving?: readonly string[];
  /** Inputs to differentiate by; all of them when left out. */
  readonly by?: readonly string[];
}

/** Outputs of the layer and, in training, its gradients as `d<input>`, from gradients fed as `up.<output>`. */
export function cellProgram(
  options: CellCase,
  mode: 'train' | 'infer',
  { arriving, by }: Differentiation = {},
): Program {
  return record(
    recording => {
      const { cell, inputSize, rows, size, biases, initialState, masks, masksOfX = masks, zoned = false } = options;
      const { tokens, batch } = recording.layout('input');
      const gates = gatesOf(cell, options.options ?? {}).length;
      const { peepholes = [] } = options.options ?? {};
      const states: readonly string[] = cells[cell].states;
      const feed = (name: string, shape: readonly (number | string)[], given = true) =>
        given ? recording.feed(name, shape) : undefined;
      const mask = (name: string, kind: CellCase['masks'], width: number) =>
        feed(name, [batch, (kind === 'per gate' ? gates : 1) * width], kind !== 'none');
      const table = feed('table', [rows, inputSize], rows > 0);
      const x = feed('x', [tokens, inputSize], rows === 0);
      const learned = {
        x,
        table,
        inputWeight: feed('inputWeight', [inputSize, gates * size])!,
        recurrentWeight: feed('recurrentWeight', [size, gates * size])!,
        bias: feed('bias', [gates * size], biases !== 'none'),
        recurrentBias: feed('recurrentBias', [gates * size], biases === 'two'),
        h: feed('h', [batch, size], initialState),
        c: feed('c', [batch, size], initialState && states.includes('c')),
        peepholes: feed('peepholes', [peepholes.length, size], peepholes.length > 0),
      };
      const { table: _, ...weights } = learned;
      const { y, hN, cN } = layer(options, {
        ...weights,
        x: x ?? { table: table!, ids: recording.feed('ids', [tokens], 'int32'), ignore },
        maskX: mask('maskX', rows === 0 ? masksOfX : 'none', inputSize),
        maskH: mask('maskH', masks, size),
        zoneH: feed('zoneH', [tokens, size], zoned),
        zoneC: feed('zoneC', [tokens, size], zoned && states.includes('c')),
      });
      const outputs: Record<string, Tensor> = { y, hN, ...(cN ? { cN } : {}) };
      if (mode === 'infer') return outputs;
      const upstream = Object.entries(outputs).flatMap(([name, of]) =>
        !arriving || arriving.includes(name) ? [{ of, gradient: recording.feed(`up.${name}`, of.shape) }] : [],
      );
      const wanted = Object.entries(learned).filter(
        (entry): entry is [string, Tensor] => entry[1] !== undefined && (!by || by.includes(entry[0])),
      );
      const found = gradients(
        upstream,
        wanted.map(([, tensor]) => tensor),
      );
      return { ...outputs, ...Object.fromEntries(wanted.map(([name], index) => [`d${name}`, found[index]!])) };
    },
    { mode, quantize: options.quantize },
  );
}

export function layer(options: CellCase, inputs: RecurrentInputs): RecurrentOutputs {
  const { cell, direction, activation, reset, updateGate, recompute = false } = options;
  const { activations, ...others } = options.options ?? {};
  switch (cell) {
    case 'rnn':
      return rnn(inputs, { direction, activation: activations?.a ?? activation, recompute, ...others });
    case 'gru':
      return gru(inputs, { direction, reset, updateGate, recompute, activations, ...others });
    case 'lstm':
      return lstm(inputs, { direction, recompute, activations, ...others });
  }
}
