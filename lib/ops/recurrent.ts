import { type CellName, cells } from '../cells.ts';
import { failure, rangeError } from '../errors.ts';
import { type OutputSpec, operation } from '../program/operation.ts';
import type { Attributes } from '../program/program.ts';
import { atMost, type Dimension, describeShape, quotientOf, rootOf, type Shape, sameShape } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';
import { type CellAttributes, cellAttributes, gatesOf, type LstmCellOptions } from './cell-options.ts';
import type { Rows } from './gather.ts';
import { scatterAdd } from './scatter-add.ts';

export type Direction = 'forward' | 'backward';

export function opposite(direction: Direction): Direction {
  return direction === 'forward' ? 'backward' : 'forward';
}

/** The options that all cells share. */
export type SequenceAttributes = {
  readonly direction: Direction;
  /**
   * Backward computes gates and cell states again, a segment of time steps at a time, and forward keeps, beside y, only the cell
   * states between segments. The number of steps in a segment; true: ⌈√steps⌉ of each batch. The bits are the same. rnn, which
   * keeps nothing but y, ignores it. Default false. Chen et al. 2016, "Training deep nets with sublinear memory cost".
   */
  readonly recompute?: boolean | number;
};

/** What every cell reads. G is the number of its gates that have weights. */
export interface RecurrentInputs {
  /**
   * [tokens, I], rows in the order of a layout. Given as the rows of a table they are not copied out, and native multiplies
   * each row that occurs in the batch with W once, however often it does.
   */
  x: Tensor | Rows;
  /** [I, G·H], gates side by side in the order of cells.ts */
  inputWeight: Tensor;
  /** [H, G·H] */
  recurrentWeight: Tensor;
  /** [G·H], added to x·W */
  bias?: Tensor | undefined;
  /** [G·H], added to h·R */
  recurrentBias?: Tensor | undefined;
  /** [batch, H] in the caller's order; zeros when left out */
  h?: Tensor | undefined;
  /** [batch, H], lstm only */
  c?: Tensor | undefined;
  /** Multiplies x at every step: [batch, I], or [batch, G·I] for a mask per gate. Already divided by the keep rate. */
  maskX?: Tensor | undefined;
  /** Multiplies h where it enters the product with R: [batch, H], or [batch, G·H] for a mask per gate. */
  maskH?: Tensor | undefined;
  /** [gates that see the cell state, H], lstm only */
  peepholes?: Tensor | undefined;
  /** Zoneout: 1 where a unit keeps its old h at that step, else 0, [tokens, H]. */
  zoneH?: Tensor | undefined;
  /** Of c, lstm only. */
  zoneC?: Tensor | undefined;
}

export interface RecurrentOutputs {
  /** [tokens, H] */
  y: Tensor;
  /** States after each sequence's last step, [batch, H] in the caller's order; of a sequence of length 0 its initial state. */
  hN: Tensor;
  cN?: Tensor;
}

type Recorded = Omit<RecurrentInputs, 'x'> & {
  x?: Tensor;
  table?: Tensor;
  ids?: Tensor;
  offsets: Tensor;
  order: Tensor;
};
type Backward = Recorded & {
  y: Tensor;
  gates?: Tensor;
  cells?: Tensor;
  checkpoints?: Tensor;
  dy?: Tensor | undefined;
  dhN?: Tensor | undefined;
  dcN?: Tensor | undefined;
};

const unitsPerBlock = 16;

/** Columns of a saved row: whole blocks of units per gate, and a block more so that rows do not share a cache set. */
function gateColumns(gates: number, size: number): number {
  return gates * paddedSize(size) + unitsPerBlock;
}

function paddedSize(size: number): number {
  return Math.ceil(size / unitsPerBlock) * unitsPerBlock;
}

const learned = [
  'x',
  'table',
  'inputWeight',
  'recurrentWeight',
  'bias',
  'recurrentBias',
  'h',
  'c',
  'peepholes',
] as const;

/**
 * Defines the forward and backward operations of a cell: `<cell>` and `<cell>Gradient`. In training the forward step
 * saves what backward needs in `gates` [tokens, G·⌈H⌉₁₆ + 16] and, for lstm, `cells` [tokens, ⌈H⌉₁₆]; how a backend lays
 * out a row is its own affair. The backward step's outputs are named after the inputs whose gradients they are; that of a
 * table is there by its rows, `table` [tokens, I] and `at` int32 [tokens], as merge-rows.ts has them.
 *
 * With `recompute` the forward step of lstm saves `checkpoints` [segments, batch, ⌈H⌉₁₆], the cell states after each segment,
 * that of gru nothing: h is in y. The backward step has `gates` [steps of a segment, batch, …] and, for lstm, `cells` of the
 * segment that it is at as further outputs, which are its scratch memory.
 */
export function recurrent<A extends Attributes = Record<never, never>>(
  cell: CellName,
): (inputs: RecurrentInputs, attributes: A & SequenceAttributes & LstmCellOptions) => RecurrentOutputs {
  const hasCellState = (cells[cell].states as readonly string[]).includes('c');
  const savesGates = ({ activations }: CellAttributes) => cell !== 'rnn' || activations !== undefined;
  const saved = (rows: Shape, size: number, attributes: CellAttributes): Record<string, OutputSpec> => {
    const gates = gatesOf(cell, attributes).length;
    return {
      ...(savesGates(attributes) ? { gates: { shape: [...rows, gateColumns(gates === 3 ? 4 : gates, size)] } } : {}),
      ...(hasCellState ? { cells: { shape: [...rows, paddedSize(size)] } } : {}),
    };
  };

  const backward = operation<Backward, string, CellAttributes & SequenceAttributes & { gradients: readonly string[] }>(
    `${cell}Gradient`,
    {
      shape: (inputs, { gradients, recompute, ...attributes }) => {
        const { offsets, order, recurrentWeight } = inputs;
        const found: Record<string, OutputSpec> = Object.fromEntries(
          gradients.map(name => [name, { shape: inputs[name as (typeof learned)[number]]!.shape }]),
        );
        if (found.table) {
          const tokens = inputs.ids!.shape[0]!;
          Object.assign(found, {
            table: { shape: [tokens, inputs.table!.shape[1]!] },
            at: { shape: [tokens], dtype: 'int32' },
          });
        }
        if (!recompute) return found;
        const { steps } = segments(offsets.shape[0]!, recompute);
        return { ...found, ...saved([steps, order.shape[0]!], recurrentWeight.shape[0] as number, attributes) };
      },
    },
  );

  type Outputs = 'y' | 'hN' | 'cN' | 'gates' | 'cells' | 'checkpoints';
  const forward = operation<Recorded, Outputs, CellAttributes & SequenceAttributes & { readonly ignore?: number }>(
    cell,
    {
      shape: (inputs, { recompute, ...attributes }) => {
        checkShapes(cell, attributes, hasCellState, inputs);
        const { recurrentWeight, offsets, order } = inputs;
        const tokens = (inputs.x ?? inputs.ids!).shape[0]!;
        const batch = order.shape[0]!;
        const size = recurrentWeight.shape[0] as number;
        const state: OutputSpec = { shape: [batch, size] };
        const outputs = { y: { shape: [tokens, size] }, hN: state, ...(hasCellState ? { cN: state } : {}) };
        if (order.recording.mode === 'infer') return outputs;
        if (!recompute) return { ...outputs, ...saved([tokens], size, attributes) };
        const { count } = segments(offsets.shape[0]!, recompute);
        return { ...outputs, ...(hasCellState ? { checkpoints: { shape: [count, batch, paddedSize(size)] } } : {}) };
      },
      gradient: ({ inputs, outputs, gradients, attributes: { ignore, ...attributes }, wants }) => {
        if (inputs.order.recording.mode === 'infer')
          throw failure(
            'ERR_NO_GRADIENT',
            `${cell}: recorded for inference, which saves nothing for backpropagation; record with mode 'train'`,
          );
        const { y, gates, cells, checkpoints } = outputs;
        const wanted = learned.filter(name => inputs[name] !== undefined && wants(name));
        const { table, at, ...others } = backward(
          { ...inputs, y, gates, cells, checkpoints, dy: gradients.y, dhN: gradients.hN, dcN: gradients.cN },
          { ...attributes, gradients: wanted },
        );
        if (!table) return others;
        const rows = inputs.table!.shape[0] as number;
        return { ...others, table: scatterAdd(table, at!, { rows, ignore: ignore! }) };
      },
    },
  );

  return ({ x, ...others }, options) => {
    const rows = 'table' in x ? x : undefined;
    const read = 'table' in x ? x.ids : x;
    const { layout } = read;
    if (!layout)
      throw rangeError(
        'ERR_SHAPE',
        `${cell}: ${rows ? 'the ids of x have' : 'x has'} shape ${describeShape(read.shape)}, expected a sequence [tokens, features]`,
      );
    const { quantize } = read.recording;
    if (quantize === 'int8' && (others.maskX || others.maskH))
      throw rangeError('ERR_ARGUMENT', `${cell}: masks are for training, int8 for inference`);
    const { offsets, order } = layout;
    const { direction, recompute, activations, clip, zoneoutH, zoneoutC, peepholes, coupled, cellClip, ...attributes } =
      options;
    const own = cellAttributes(
      cell,
      { activations, clip, zoneoutH, zoneoutC, peepholes, coupled, cellClip },
      others.zoneH !== undefined || others.zoneC !== undefined,
    );
    const saves = savesGates(own) && read.recording.mode === 'train';
    return forward(
      { ...('table' in x ? { table: x.table, ids: x.ids } : { x }), ...others, offsets, order },
      {
        direction,
        ...attributes,
        ...own,
        ...(rows ? { ignore: rows.ignore } : {}),
        ...(recompute && saves ? { recompute } : {}),
        ...(quantize ? { quantize } : {}),
      },
    );
  };
}

/** How many segments there are at most, and how many steps one has at most. */
function segments(steps: Dimension, recompute: true | number): { count: Dimension; steps: Dimension } {
  if (recompute === true) return { count: rootOf(steps), steps: rootOf(steps) };
  return { count: quotientOf(steps, recompute), steps: atMost(recompute, steps) };
}

function checkShapes(cell: CellName, attributes: CellAttributes, hasCellState: boolean, inputs: Recorded): void {
  const { recurrentWeight, order, maskX } = inputs;
  const gates = gatesOf(cell, attributes).length;
  const x = (inputs.x ?? inputs.table)!;
  const size = recurrentWeight.shape[0];
  const width = x.shape[1];
  const batch = order.shape[0]!;
  const expect = (name: keyof Recorded, ...shapes: readonly Shape[]) => {
    const tensor = inputs[name];
    if (tensor && !shapes.some(shape => sameShape(tensor.shape, shape)))
      throw rangeError(
        'ERR_SHAPE',
        `${cell}: ${name} has shape ${describeShape(tensor.shape)}, expected ${shapes.map(describeShape).join(' or ')}`,
      );
  };
  if (x.shape.length !== 2 || typeof width !== 'number')
    throw rangeError(
      'ERR_SHAPE',
      `${cell}: x has shape ${describeShape(x.shape)}, expected [${inputs.x ? 'tokens' : 'rows'}, inputSize]`,
    );
  if (inputs.ids && (inputs.ids.dtype !== 'int32' || inputs.ids.shape.length !== 1))
    throw rangeError(
      'ERR_SHAPE',
      `${cell}: the ids of x must be int32 [tokens], got ${inputs.ids.dtype} ${describeShape(inputs.ids.shape)}`,
    );
  if (inputs.table && maskX)
    throw rangeError('ERR_ARGUMENT', `${cell}: maskX needs x itself, not the rows of a table; gather them`);
  if (typeof size !== 'number' || size < 1)
    throw rangeError(
      'ERR_SHAPE',
      `${cell}: recurrentWeight has shape ${describeShape(recurrentWeight.shape)}, expected [H, ${gates}·H]`,
    );
  const columns: Dimension = gates * size;
  expect('inputWeight', [width, columns]);
  expect('recurrentWeight', [size, columns]);
  expect('bias', [columns]);
  expect('recurrentBias', [columns]);
  expect('h', [batch, size]);
  expect('c', [batch, size]);
  expect('maskX', [batch, width], [batch, gates * width]);
  expect('maskH', [batch, size], [batch, columns]);
  expect('peepholes', [attributes.peepholes?.length ?? 0, size]);
  const tokens = (inputs.x ?? inputs.ids)!.shape[0]!;
  expect('zoneH', [tokens, size]);
  expect('zoneC', [tokens, size]);
  if (attributes.peepholes && !inputs.peepholes)
    throw rangeError('ERR_ARGUMENT', `${cell}: peepholes of ${attributes.peepholes.join(', ')} need their weights`);
  if (inputs.zoneC && !hasCellState) throw rangeError('ERR_ARGUMENT', `${cell}: has no cell state to zone out`);
  if (inputs.c && !hasCellState) throw rangeError('ERR_ARGUMENT', `${cell}: has no cell state c`);
}
