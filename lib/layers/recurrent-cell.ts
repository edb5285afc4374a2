import { rangeError, typeError } from '../errors.ts';
import type { Direction } from '../ops/recurrent.ts';
import { scan } from '../ops/scan.ts';
import { mapValues } from '../ops/scan-body.ts';
import { elementCount } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';
import type { Random } from '../random/random.ts';
import { initialStates } from './initial-states.ts';
import { glorotUniform } from './initializers.ts';
import {
  type CarriedState,
  expectFlow,
  type Flow,
  type Layer,
  type LayerContext,
  oneOf,
  type Tensors,
  wholeNumbers,
} from './layer.ts';
import { Parameter } from './parameter.ts';

/** Shape of a learned array, or that and its initial values. */
export type ParameterSpec =
  | readonly number[]
  | {
      readonly shape: readonly number[];
      /**
       * One number for all, or what draws them for a matrix [rows, columns], as `glorotUniform`, `orthogonal` and functions of
       * your own do. Default: Glorot uniform for two axes, else zeros.
       */
      readonly initial?: number | ((rows: number, columns: number, random: Random) => ArrayLike<number>);
    };

/** What a cell is made for: its options, and the features of what it reads. */
export type CellSizes<O> = O & { readonly inputSize: number; readonly size: number };

/** A recurrence of your own. P, S and O are the names of its parameters, of its states, and its options. */
export interface CellDefinition<P extends string, S extends string, O extends object> {
  /** What model files call it. */
  readonly name: string;
  /** Options beside those of every cell, with their defaults: plain data. */
  readonly options?: O;
  /** Learned arrays by name. */
  parameters(sizes: CellSizes<O>): Readonly<Record<P, ParameterSpec>>;
  /** Features of each state; the first state is what the layer gives. Default: { h: size }. */
  states?(sizes: CellSizes<O>): Readonly<Record<S, number>>;
  /**
   * One step: from x [rows, inputSize], the states before it, [rows, features] each, and the parameters, all states anew. Called
   * once, while recording; `scan` of recurra/ops says what it may do.
   */
  step(
    values: Readonly<Record<S | 'x', Tensor>>,
    parameters: Readonly<Record<P, Tensor>>,
    sizes: CellSizes<O>,
  ): Readonly<Record<S, Tensor>>;
}

/** The options of every cell of your own. */
export interface CellOptions {
  /** Units. */
  readonly size: number;
  /** One vector per sequence, its first state after the last step ('last', the default), or one per step. */
  readonly output?: 'last' | 'sequence';
  /** 'backward' reads each sequence from its own end. Default 'forward'. */
  readonly direction?: Direction;
  /** Default true. */
  readonly trainable?: boolean;
}

/** What a model file has of a cell is its name: its code is not written. */
export class Cell {
  readonly definition: CellDefinition<string, string, object>;

  constructor(definition: CellDefinition<string, string, object>) {
    this.definition = definition;
  }

  toJSON(): string {
    return this.definition.name;
  }
}

/** A layer of a cell of your own, as its factory returns it. */
export type CellDescription = Readonly<CellOptions> & { readonly type: 'cell'; readonly cell: Cell };

/** Makes layers of a cell of your own, and is what `load` wants in its option `cells`. */
export interface CellFactory<O extends object> {
  (options: CellOptions & Partial<O>): CellDescription;
  readonly cell: Cell;
}

/**
 * A recurrent layer from the equations of its step. It runs natively, batches may be ragged, and backpropagation through time
 * is derived.
 *
 *   const elman = recurrentCell({
 *     name: 'elman',
 *     parameters: ({ inputSize, size }) => ({ W: [inputSize, size], R: [size, size], b: [size] }),
 *     step: ({ x, h }, { W, R, b }) => ({ h: tanh(add(matmul(x, W, { bias: b }), matmul(h, R))) }),
 *   });
 *   sequential([embedding({ vocabulary, size: 128 }), elman({ size: 64 }), dense({ size: 1 })]);
 *
 * A model file keeps the cell's name and options, not its code: `load(path, { cells: [elman] })`.
 */
export function recurrentCell<P extends string, S extends string = 'h', O extends object = object>(
  definition: CellDefinition<P, S, O>,
): CellFactory<O> {
  const { name, options = {} } = definition;
  if (typeof name !== 'string' || name === '')
    throw typeError('ERR_ARGUMENT', `recurrentCell: name must be a word, got ${JSON.stringify(name)}`);
  const cell = new Cell(definition);
  const describe = (given: CellOptions & Partial<O>): CellDescription => {
    const { output = 'last', direction = 'forward' } = given;
    wholeNumbers(name, { size: given.size });
    oneOf(name, { output: [output, ['last', 'sequence']], direction: [direction, ['forward', 'backward']] });
    const known = [...Object.keys(options), 'size', 'output', 'direction', 'trainable'];
    const strange = Object.keys(given).find(option => !known.includes(option));
    if (strange !== undefined)
      throw rangeError('ERR_ARGUMENT', `${name}: there is no option ${strange}; there are ${known.join(', ')}`);
    return { type: 'cell', cell, ...options, ...given };
  };
  return Object.assign(describe, { cell });
}

/**
 * What was read from a model file, with the code of the cell that it names, where it is a layer of one.
 * @throws ERR_ARGUMENT where that cell is not given
 */
export function withCode(value: unknown, cells: readonly Pick<CellFactory<object>, 'cell'>[]): unknown {
  const { type, cell } = (value ?? {}) as { readonly type?: unknown; readonly cell?: unknown };
  if (type !== 'cell' || typeof cell !== 'string') return value;
  const found = cells.find(({ cell: { definition } }) => definition.name === cell);
  if (!found)
    throw rangeError(
      'ERR_ARGUMENT',
      `load: the model has the cell ${cell}, whose code no file holds; give what recurrentCell returned for it: load(path, { cells: [${cell}] })`,
    );
  return { ...(value as object), cell: found.cell };
}

/** Runs the step of a cell over sequences. */
export class RecurrentCell implements Layer {
  readonly parameters: readonly Parameter[];
  readonly output: Flow;
  private readonly cell: Cell['definition'];
  private readonly sizes: CellSizes<object>;
  /** Read forward, it goes on from its states. */
  readonly cuttable: boolean;
  readonly states: Readonly<Record<string, CarriedState>>;
  /** The states after each sequence's last step. */
  readonly parts: Readonly<Record<string, Flow>>;
  private readonly widths: Readonly<Record<string, number>>;
  private readonly named: Readonly<Record<string, Parameter>>;
  private readonly direction: Direction;

  constructor(
    { cell, output = 'last', direction = 'forward', trainable = true, ...options }: Omit<CellDescription, 'type'>,
    { name, input, random }: LayerContext,
  ) {
    if (typeof cell?.definition?.step !== 'function')
      throw typeError('ERR_ARGUMENT', `${name}: cell must be one that recurrentCell made`);
    expectFlow(name, input, 'sequence');
    this.cell = cell.definition;
    this.sizes = { ...options, inputSize: input.size };
    this.widths = this.cell.states?.(this.sizes) ?? { h: options.size };
    this.states = mapValues(this.widths, size => ({ size }));
    this.parts = mapValues(this.widths, size => ({ kind: 'vector', size }));
    this.cuttable = direction === 'forward';
    const specs = this.cell.parameters(this.sizes);
    this.named = mapValues(specs, (spec, suffix) => parameterOf(`${name}.${suffix}`, spec, random));
    this.parameters = Object.values(this.named);
    for (const parameter of this.parameters) parameter.trainable = trainable;
    const [first] = Object.values(this.widths);
    wholeNumbers(name, this.widths);
    if (first === undefined) throw rangeError('ERR_ARGUMENT', `${name}: a cell has at least one state`);
    this.output = { kind: output === 'last' ? 'vector' : 'sequence', size: first };
    this.direction = direction;
  }

  /**
   * x [tokens, inputSize] → the first state at every step, [tokens, features], and all states after each sequence's last step,
   * [batch, features]. States that are not given are zeros.
   */
  forward(
    x: Tensor,
    state: Readonly<Record<string, Tensor>> = {},
  ): { output: Tensor; state: Readonly<Record<string, Tensor>> } {
    const parameters = mapValues(this.named, parameter => parameter.tensor(x.recording));
    const [first] = Object.keys(this.widths);
    const { outputs, states } = scan(
      { sequences: { x }, states: { ...initialStates(x, this.widths), ...state } },
      values => {
        const states = this.cell.step(values, parameters, this.sizes);
        return { states, outputs: { output: states[first!]! } };
      },
      { direction: this.direction },
    );
    return { output: outputs.output, state: states };
  }

  apply(x: Tensor): Tensor {
    return this.applyInParts(x).output;
  }

  applyInParts(x: Tensor, states?: Tensors): { output: Tensor; parts: Tensors } {
    const { output, state } = this.forward(x, states);
    return { output: this.output.kind === 'vector' ? Object.values(state)[0]! : output, parts: state };
  }
}

function parameterOf(name: string, spec: ParameterSpec, random: Random): Parameter {
  const { shape, initial = undefined } = 'shape' in spec ? spec : { shape: spec };
  const columns = shape.at(-1) ?? 1;
  const rows = elementCount(shape.slice(0, -1));
  const draw = initial ?? (shape.length === 2 ? glorotUniform : 0);
  const values = typeof draw === 'number' ? new Float64Array(rows * columns).fill(draw) : draw(rows, columns, random);
  return new Parameter(name, shape, values);
}
