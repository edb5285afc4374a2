import { type CellName, cells, type StateName } from '../cells.ts';
import { rangeError } from '../errors.ts';
import { broadcast } from '../ops/broadcast.ts';
import { cellAttributes, gatesOf, type LstmCellOptions } from '../ops/cell-options.ts';
import { dropout, dropoutMask, zoneoutMask } from '../ops/dropout.ts';
import { rowsOf } from '../ops/gather.ts';
import type { Direction, RecurrentInputs, SequenceAttributes } from '../ops/recurrent.ts';
import type { Recording } from '../program/recording.ts';
import type { Tensor } from '../program/tensor.ts';
import { checkInitializers, type Initializer, initializer } from './initializers.ts';
import {
  type CarriedState,
  expectFlow,
  type Flow,
  type LayerContext,
  oneOf,
  rates,
  type Tensors,
  wholeNumbers,
} from './layer.ts';
import { Parameter } from './parameter.ts';

/** The options that all recurrent layers share. */
export interface RecurrentOptions {
  /** Units. */
  readonly size: number;
  /** One vector per sequence, its state after the last step ('last', the default), or one per step. */
  readonly output?: 'last' | 'sequence';
  /** 'backward' reads each sequence from its own end. Default 'forward'. */
  readonly direction?: Direction;
  /** How the input weights start, all gates' together. Default 'glorotUniform'. */
  readonly initializer?: Initializer;
  /** How the recurrent weights start. Default 'orthogonal'. */
  readonly recurrentInitializer?: Initializer;
  /** What its states are before the first step: zeros, or numbers that are learned and start from zeros. Default 'zeros'. */
  readonly initialState?: 'zeros' | 'learned';
  /** Default true. */
  readonly bias?: boolean;
  /** One bias per gate (Keras), or one beside each of the two weight matrices (PyTorch). Default 'one'. */
  readonly biases?: 'one' | 'two';
  /** Drops inputs, one mask for all steps of a sequence. Default 0. Gal & Ghahramani 2016. */
  readonly dropout?: number;
  /** Drops the state where it enters its weights, one mask for all steps; both masks are then drawn per gate, as in Keras. */
  readonly recurrentDropout?: number;
  /**
   * The share of the recurrent weights set to zero while training, others in each step of training, for all sequences and time
   * steps alike. Default 0. DropConnect, Wan et al. 2013; on recurrent weights Merity et al. 2018.
   */
  readonly weightDropout?: number;
  /**
   * The share of units of each state that keeps its old value at a step, drawn anew for every step while training; afterwards
   * each unit keeps that share of its old value. One number for h, or one for each state. Default 0. Krueger et al. 2017.
   */
  readonly zoneout?: number | { readonly h?: number; readonly c?: number };
  /** Bounds what enters the activation of each gate to [−clip, clip]. Default: no bound. ONNX. */
  readonly clip?: number;
  /** Default true. */
  readonly trainable?: boolean;
  /**
   * Trains long sequences in little memory: gates and cell states are computed again for backward, a segment of steps at a
   * time, instead of kept for all steps. Costs a second forward; results are the same, bit by bit. True: segments of ⌈√steps⌉
   * of each batch; a number: of that many steps. Without effect on rnn, which keeps nothing but its output. Default false.
   * Chen et al. 2016.
   */
  readonly recompute?: boolean | number;
}

/** The states of a cell, each [batch, size] in the caller's order. */
export type State<C extends CellName> = { readonly [S in StateName<C>]: Tensor };

/** @throws ERR_ARGUMENT for options that do not fit */
export function checkRecurrentOptions(layer: string, options: RecurrentOptions): void {
  wholeNumbers(layer, { size: options.size });
  const { dropout = 0, recurrentDropout = 0, weightDropout = 0, recurrentInitializer } = options;
  checkInitializers(layer, { initializer: options.initializer, recurrentInitializer });
  rates(layer, { dropout, recurrentDropout, weightDropout });
  const { recompute = false } = options;
  if (typeof recompute !== 'boolean' && !(Number.isInteger(recompute) && recompute >= 1))
    throw rangeError(
      'ERR_ARGUMENT',
      `${layer}: recompute must be true, false or a whole number of steps of at least 1, got ${String(recompute)}`,
    );
  oneOf(layer, {
    output: [options.output ?? 'last', ['last', 'sequence']],
    direction: [options.direction ?? 'forward', ['forward', 'backward']],
    initialState: [options.initialState ?? 'zeros', ['zeros', 'learned']],
    biases: [options.biases ?? 'one', ['one', 'two']],
  });
}

/** @throws ERR_ARGUMENT for options that do not fit the cell */
export function checkCellOptions(cell: CellName, options: RecurrentOptions, choices: CellChoices = {}): void {
  checkRecurrentOptions(cell, options);
  const { h = 0, c = 0 } = zoneoutRates(options);
  rates(cell, { zoneout: h, 'zoneout of c': c });
  if (c > 0 && cell !== 'lstm') throw rangeError('ERR_ARGUMENT', `${cell}: has no cell state to zone out`);
  cellAttributes(cell, { clip: options.clip, ...choices }, false);
}

function zoneoutRates({ zoneout = 0 }: RecurrentOptions): { readonly h?: number; readonly c?: number } {
  return typeof zoneout === 'number' ? { h: zoneout } : zoneout;
}

/** What a cell computes with beside weights: the activations of its gates, peepholes and the like. */
export type CellChoices = Omit<LstmCellOptions, 'clip' | 'zoneoutH' | 'zoneoutC'>;

interface CellStart {
  readonly choices?: CellChoices;
  /** What the bias of the forget gate starts from. */
  readonly forgetBias?: number;
  /** The width of h where it is not that of the cell. */
  readonly stateSize?: number;
  /** How many states the recurrent weight reads; those before h are the state `earlier`, newest first. */
  readonly order?: number;
  /** What is numbers where it is else a matrix or a vector: one for each state that is read, one for a bias. */
  readonly scalars?: { readonly recurrentWeight?: boolean; readonly bias?: boolean };
}

/** A bias of so many units where it is read; one number is repeated. */
export function biasOf(bias: Parameter | undefined, columns: number, recording: Recording): Tensor | undefined {
  const tensor = bias?.tensor(recording);
  return tensor && bias!.size < columns ? broadcast(tensor, [columns]) : tensor;
}

/** The parameters and masks of a recurrent layer; its cell's file says what is computed with them. */
export class RecurrentWeights {
  /** [inputSize, G·size], gates as in cells.ts */
  readonly inputWeight: Parameter;
  /** [order · width of h, G·size], or [order, 1] */
  readonly recurrentWeight: Parameter;
  /** [gates that see the cell state, size]; zeros */
  readonly peepholes: Parameter | undefined;
  /** [G·size], or [1] */
  readonly bias: Parameter | undefined;
  /** [G·size], or [1] */
  readonly recurrentBias: Parameter | undefined;
  readonly parameters: readonly Parameter[];
  readonly output: Flow;
  /** Read forward, it goes on from its states. */
  readonly cuttable: boolean;
  /** By the names of cells.ts, and `earlier`; learned ones start from the parameters h0, c0 and earlier0, [size] each. */
  readonly states: Readonly<Record<string, CarriedState>>;
  /** The states after each sequence's last step. */
  readonly parts: Readonly<Record<string, Flow>>;
  private readonly options: RecurrentOptions;
  private readonly choices: CellChoices;
  private readonly inputSize: number;
  private readonly gates: number;
  /** Features of the states that the recurrent weight reads. */
  private readonly read: number;
  private readonly masks: { seed: number; input: number; recurrent: number; weight: number; h: number; c: number };

  constructor(
    cell: CellName,
    options: RecurrentOptions,
    { name, input, random, seed, nextMask }: LayerContext,
    { choices = {}, forgetBias = 0, stateSize = options.size, order = 1, scalars = {} }: CellStart = {},
  ) {
    expectFlow(name, input, 'sequence');
    const { size, output = 'last', direction = 'forward', biases = 'one', trainable = true } = options;
    const gates = gatesOf(cell, choices);
    this.gates = gates.length;
    const columns = this.gates * size;
    this.inputWeight = new Parameter(
      `${name}.inputWeight`,
      [input.size, columns],
      initializer(options.initializer ?? 'glorotUniform')(input.size, columns, random),
    );
    this.read = order * stateSize;
    const [rows, recurrentColumns] = scalars.recurrentWeight ? [order, 1] : [this.read, columns];
    this.recurrentWeight = new Parameter(
      `${name}.recurrentWeight`,
      [rows, recurrentColumns],
      initializer(options.recurrentInitializer ?? (scalars.recurrentWeight ? 'identity' : 'orthogonal'))(
        rows,
        recurrentColumns,
        random,
      ),
    );
    const hasBias = options.bias !== false;
    const bias = scalars.bias
      ? [0]
      : gates.flatMap(gate => new Array<number>(size).fill(gate === 'f' ? forgetBias : 0));
    this.bias = hasBias ? new Parameter(`${name}.bias`, [bias.length], bias) : undefined;
    this.recurrentBias =
      hasBias && biases === 'two'
        ? new Parameter(`${name}.recurrentBias`, [bias.length], new Float64Array(bias.length))
        : undefined;
    const seeing = choices.peepholes?.length ?? 0;
    this.peepholes =
      seeing > 0 ? new Parameter(`${name}.peepholes`, [seeing, size], new Float64Array(seeing * size)) : undefined;
    const learned = options.initialState === 'learned';
    const state = (called: string, width: number): CarriedState => ({
      size: width,
      initial: learned ? new Parameter(`${name}.${called}0`, [width], new Float64Array(width)) : undefined,
    });
    this.states = {
      ...Object.fromEntries(
        cells[cell].states.map(letter => [letter, state(letter, letter === 'h' ? stateSize : size)]),
      ),
      ...(order > 1 ? { earlier: state('earlier', (order - 1) * stateSize) } : {}),
    };
    this.parts = Object.fromEntries(
      Object.entries(this.states).map(([letter, { size: width }]) => [letter, { kind: 'vector', size: width }]),
    );
    this.parameters = [
      this.inputWeight,
      this.recurrentWeight,
      this.bias,
      this.recurrentBias,
      this.peepholes,
      ...Object.values(this.states).map(({ initial }) => initial),
    ].filter(p => p !== undefined);
    for (const parameter of this.parameters) parameter.trainable = trainable;
    this.output = { kind: output === 'last' ? 'vector' : 'sequence', size: stateSize };
    this.cuttable = direction === 'forward';
    this.options = options;
    this.choices = choices;
    this.inputSize = input.size;
    this.masks = {
      seed,
      input: nextMask(),
      recurrent: nextMask(),
      weight: options.weightDropout ? nextMask() : 0,
      h: zoneoutRates(options).h ? nextMask() : 0,
      c: zoneoutRates(options).c ? nextMask() : 0,
    };
  }

  /** Of the cell's operation where x is. */
  attributes({ recording }: Tensor): SequenceAttributes & LstmCellOptions {
    const { direction = 'forward', recompute = false, clip } = this.options;
    const { h, c } = recording.mode === 'infer' ? zoneoutRates(this.options) : {};
    return { direction, recompute, clip, zoneoutH: h, zoneoutC: c, ...this.choices };
  }

  /** What the cell's operation reads. */
  inputs(x: Tensor, state?: Tensors): RecurrentInputs & { readonly earlier?: Tensor | undefined } {
    const { recording } = x;
    const { size, dropout: inputDropout = 0, recurrentDropout = 0, weightDropout = 0 } = this.options;
    const perGate = recurrentDropout > 0 ? this.gates : 1;
    const { seed, input, recurrent, weight, h, c } = this.masks;
    const zoneout = zoneoutRates(this.options);
    const given: Tensors = { ...this.initialState(recording), ...state };
    const columns = this.gates * size;
    const maskX = dropoutMask(x, perGate * this.inputSize, { rate: inputDropout, seed, layer: input });
    return {
      x: (maskX ? undefined : rowsOf(x)) ?? x,
      inputWeight: this.inputWeight.tensor(recording),
      recurrentWeight: dropout(this.recurrentWeight.tensor(recording), { rate: weightDropout, seed, layer: weight }),
      bias: biasOf(this.bias, columns, recording),
      recurrentBias: biasOf(this.recurrentBias, columns, recording),
      h: given.h,
      c: given.c,
      earlier: given.earlier,
      maskX,
      maskH: dropoutMask(x, perGate * this.read, { rate: recurrentDropout, seed, layer: recurrent }),
      peepholes: this.peepholes?.tensor(recording),
      zoneH: zoneoutMask(x, this.output.size, { rate: zoneout.h ?? 0, seed, layer: h }),
      zoneC: zoneoutMask(x, size, { rate: zoneout.c ?? 0, seed, layer: c }),
    };
  }

  /** The learned states before the first step, [batch, size] each. */
  private initialState(recording: Recording): Tensors {
    const learned = Object.entries(this.states).filter(([, { initial }]) => initial);
    return Object.fromEntries(
      learned.map(([name, { size, initial }]) => [name, broadcast(initial!.tensor(recording), ['batch', size])]),
    );
  }

  /** What the layer passes on: every step, or the last state. */
  select(output: Tensor, last: Tensor): Tensor {
    return this.output.kind === 'vector' ? last : output;
  }
}
