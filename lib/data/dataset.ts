import { rangeError, typeError } from '../errors.ts';
import { Random } from '../random/random.ts';
import { streams } from '../random/streams.ts';
import type { Encoder } from '../text/encoder.ts';
import {
  expectArray,
  type Fixed,
  type Ragged,
  readRealNumbers,
  readWholeNumbers,
  selectFixed,
  selectRagged,
} from './column.ts';
import type { RealArray } from './ragged.ts';

/** What each row holds, by what a network reads: token ids, a sequence of vectors, or one vector without a time axis. */
export type DatasetInput =
  | ({ readonly kind: 'ids' } & Ragged<Int32Array>)
  | ({ readonly kind: 'sequence' } & Ragged<RealArray>)
  | ({ readonly kind: 'vector' } & Fixed<RealArray>);

/** A target for each row, or for each of its steps: class numbers (Int32Array, size 1) or real numbers. */
export type DatasetTargets = ({ readonly per: 'sequence' } & Fixed) | ({ readonly per: 'token' } & Ragged);

/** Inputs, with a target for each where there is something to learn. Never changes; made by `dataset`. */
export class Dataset {
  /** Number of rows: of each input, row i goes with row i of the others. */
  readonly length: number;
  /** By their names in the network; where it has one without a name, `input`. */
  readonly inputs: Readonly<Record<string, DatasetInput>>;
  readonly targets: DatasetTargets | undefined;
  /** In place of `targets`, for a model with several outputs: the targets of each, by its name. */
  readonly heads: Readonly<Record<string, DatasetTargets>> | undefined;
  /** What made ids of text and class numbers of labels; `fit` hands it on to the model. */
  readonly encoder: Encoder | undefined;

  constructor(
    inputs: Readonly<Record<string, DatasetInput>>,
    targets?: DatasetTargets,
    encoder?: Encoder,
    heads?: Readonly<Record<string, DatasetTargets>>,
  ) {
    this.inputs = inputs;
    this.length = rowCount(this.input);
    this.targets = targets;
    this.heads = heads;
    this.encoder = encoder;
  }

  /** The first of `inputs`; mostly there is no other. */
  get input(): DatasetInput {
    return Object.values(this.inputs)[0]!;
  }

  /** The rows of these numbers, in this order. */
  select(rows: Int32Array): Dataset {
    const { inputs, targets, encoder, heads } = this;
    return new Dataset(
      mapNamed(inputs, input => selectInput(input, rows)),
      targets && selectTargets(targets, rows),
      encoder,
      heads && mapNamed(heads, targets => selectTargets(targets, rows)),
    );
  }

  /** The rows from `start` up to `stop`, which is left out; as Array.slice. */
  slice(start?: number, stop?: number): Dataset {
    return this.select(rowNumbers(this.length).slice(start, stop));
  }

  /** All rows in an order that the seed draws. */
  shuffled(seed: number): Dataset {
    return this.select(shuffledRows(this.length, seed));
  }
}

/** One of `ids`, `sequences` and `vectors`. */
export type OneInputRows =
  /** Token ids of each row. */
  | { readonly ids: readonly ArrayLike<number>[] }
  /** The steps of each row: vectors, or numbers side by side, `size` (default 1) of them a step. */
  | { readonly sequences: readonly (ArrayLike<number> | readonly ArrayLike<number>[])[]; readonly size?: number }
  /** One vector of each row. */
  | { readonly vectors: readonly ArrayLike<number>[] };

/** What a network reads; of one with several inputs, each by its name, as many rows of one as of another. */
export type InputRows = OneInputRows | { readonly inputs: Readonly<Record<string, OneInputRows>> };

/**
 * `classes`, `targets` or neither; `per: 'token'` where every step has its own. Of several inputs they have the lengths of that
 * along which the model gives its outputs.
 */
export type TargetRows =
  | { readonly classes?: never; readonly targets?: never; readonly per?: never }
  /** Class numbers from 0. Two classes, 0 and 1, also suit a model with a single output. */
  | { readonly classes: ArrayLike<number>; readonly targets?: never; readonly per?: 'sequence' }
  | { readonly classes: readonly ArrayLike<number>[]; readonly targets?: never; readonly per: 'token' }
  /** Real numbers or vectors of them. */
  | {
      readonly targets: ArrayLike<number> | readonly ArrayLike<number>[];
      readonly classes?: never;
      readonly per?: 'sequence';
    }
  | {
      readonly targets: readonly (ArrayLike<number> | readonly ArrayLike<number>[])[];
      readonly classes?: never;
      readonly per: 'token';
    };

/** Targets of several outputs, by the names of the layers that give them. */
export interface HeadRows {
  readonly heads: Readonly<Record<string, TargetRows>>;
}

/**
 * A dataset from arrays. Int32Array ids, and Float32Array and Float64Array numbers are kept, not copied.
 *
 *     dataset({ ids: [[4, 8, 15], [16, 23]], classes: [0, 1] })
 *     dataset({ ids: [[4, 8, 15], [16, 23]], classes: [[0, 1, 0], [2, 0]], per: 'token' })
 *     dataset({ sequences: [[[0.1, 0.2], [0.3, 0.4]], [[0.5, 0.6]]], targets: [1.5, 2.5] })
 *     dataset({ vectors: [[1, 2], [3, 4]], classes: [1, 0] })
 *     dataset({ ids: [[4, 8, 15], [16, 23]], heads: { sentiment: { classes: [0, 1] }, stars: { targets: [1.5, 4] } } })
 *     dataset({ inputs: { image: { vectors: [[1, 2]] }, words: { ids: [[0, 7, 3]] } }, classes: [[7, 3, 1]], per: 'token' })
 *
 * @throws ERR_DATA where rows are of different widths, or inputs and targets of different lengths
 */
export function dataset(rows: InputRows & (TargetRows | HeadRows)): Dataset {
  const inputs = readInputs(rows);
  if ('heads' in rows) {
    const read = (targets: TargetRows, name: string) => {
      const found = readTargets(targets, inputs);
      if (!found) throw typeError('ERR_DATA', `dataset: the head ${name} has neither classes nor targets`);
      return found;
    };
    return new Dataset(inputs, undefined, undefined, mapNamed(rows.heads, read));
  }
  return new Dataset(inputs, readTargets(rows, inputs));
}

/**
 * Sets the last rows apart as they stand, as Keras's validation_split. Rows sorted by class need `shuffled` first.
 * @param share of the rows to hold out, in (0, 1)
 * @throws ERR_DATA where either side would be empty
 */
export function holdOut(dataset: Dataset, share: number): { training: Dataset; validation: Dataset } {
  const at = holdOutFrom(dataset.length, share, 'holdOut: share');
  return { training: dataset.slice(0, at), validation: dataset.slice(at) };
}

/** The first of the rows that `holdOut` sets apart. @param option what errors call the share */
export function holdOutFrom(rows: number, share: number, option: string): number {
  if (!(share > 0 && share < 1)) throw rangeError('ERR_ARGUMENT', `${option} must be a number in (0, 1), got ${share}`);
  const at = Math.floor(rows * (1 - share));
  if (at === 0 || at === rows)
    throw rangeError(
      'ERR_DATA',
      `${option} of ${share} leaves ${at} of ${rows} rows for training and ${rows - at} apart from it; both need some`,
    );
  return at;
}

/** What is made of each, by the same names. */
export function mapNamed<T, R>(all: Readonly<Record<string, T>>, map: (of: T, name: string) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(all).map(([name, of]) => [name, map(of, name)]));
}

function selectInput(input: DatasetInput, rows: Int32Array): DatasetInput {
  if (input.kind === 'vector') return { kind: input.kind, ...selectFixed(input, rows) };
  if (input.kind === 'ids') return { kind: input.kind, ...selectRagged(input, rows) };
  return { kind: input.kind, ...selectRagged(input, rows) };
}

function selectTargets(targets: DatasetTargets, rows: Int32Array): DatasetTargets {
  return targets.per === 'sequence'
    ? { per: targets.per, ...selectFixed(targets, rows) }
    : { per: targets.per, ...selectRagged(targets, rows) };
}

function rowCount(input: DatasetInput): number {
  return 'rows' in input ? input.rows.length : input.values.length / input.size;
}

/** Steps of each row. */
function lengthsOf({ rows, size }: Extract<DatasetInput, { rows: unknown }>): number[] {
  return rows.map(row => row.length / size);
}

function readInputs(rows: InputRows): Record<string, DatasetInput> {
  if (!('inputs' in rows)) return { input: readInput(rows) };
  if (Object.keys(rows).some(name => ['ids', 'sequences', 'vectors'].includes(name)))
    throw typeError('ERR_DATA', 'dataset: where there are inputs, each has its ids, sequences or vectors inside');
  const inputs = mapNamed(rows.inputs, (of, name) => readInput(of, `${name}.`));
  const [first, ...others] = Object.entries(inputs);
  if (!first) throw typeError('ERR_DATA', 'dataset: inputs has no input');
  const [name, input] = first;
  for (const [other, of] of others)
    if (rowCount(of) !== rowCount(input))
      throw rangeError(
        'ERR_DATA',
        `dataset: ${name} has ${rowCount(input)} rows, ${other} has ${rowCount(of)}; row i of one goes with row i of the other`,
      );
  return inputs;
}

/** @param prefix of what errors call the arrays */
function readInput(arrays: OneInputRows, prefix = ''): DatasetInput {
  const given = ['ids', 'sequences', 'vectors'].filter(name => name in arrays);
  if (given.length !== 1)
    throw typeError(
      'ERR_DATA',
      `dataset: expected one of ${prefix}ids, ${prefix}sequences and ${prefix}vectors, got ${given.join(' and ') || 'none'}`,
    );
  if ('ids' in arrays) {
    expectArray(arrays.ids, `${prefix}ids`);
    return { kind: 'ids', size: 1, rows: arrays.ids.map((row, at) => readWholeNumbers(row, `${prefix}ids[${at}]`)) };
  }
  if ('vectors' in arrays) {
    const { values, width } = readRealNumbers(arrays.vectors, `${prefix}vectors`);
    return { kind: 'vector', size: width, values };
  }
  const name = `${prefix}sequences`;
  expectArray(arrays.sequences, name);
  const read = arrays.sequences.map((row, at) => readRealNumbers(row, `${name}[${at}]`));
  const size = arrays.size ?? read.find(({ values }) => values.length > 0)?.width ?? 1;
  if (!Number.isInteger(size) || size < 1)
    throw rangeError('ERR_DATA', `dataset: ${prefix}size must be a whole number of at least 1, got ${size}`);
  read.forEach(({ values, width }, at) => {
    if ((width !== size && width !== 1) || values.length % size !== 0)
      throw rangeError(
        'ERR_DATA',
        `dataset: ${name}[${at}] has ${width === 1 ? `${values.length} numbers` : `${width} numbers a step`}, expected ${size} a step`,
      );
  });
  return { kind: 'sequence', size, rows: read.map(({ values }) => values) };
}

function readTargets(arrays: TargetRows, inputs: Readonly<Record<string, DatasetInput>>): DatasetTargets | undefined {
  const { classes, targets, per = 'sequence' } = arrays;
  const given = classes ?? targets;
  if (given === undefined) return undefined;
  if (classes !== undefined && targets !== undefined)
    throw typeError('ERR_DATA', 'dataset: expected classes or targets, got both');
  const name = classes === undefined ? 'targets' : 'classes';
  const read = (values: unknown, name: string) =>
    classes === undefined
      ? readRealNumbers(values as ArrayLike<number> | readonly ArrayLike<number>[], name).values
      : readWholeNumbers(values as ArrayLike<number>, name);

  const length = rowCount(Object.values(inputs)[0]!);
  if (per === 'sequence') {
    const values = read(given, name);
    const size = length === 0 ? 1 : values.length / length;
    if (!Number.isInteger(size) || size < 1 || (classes !== undefined && size !== 1))
      throw rangeError('ERR_DATA', `dataset: ${values.length} ${name} for ${length} rows`);
    return { per, size, values };
  }
  const sequences = Object.values(inputs).filter(input => input.kind !== 'vector');
  if (sequences.length === 0)
    throw rangeError('ERR_DATA', "dataset: vectors have no steps; per: 'token' needs ids or sequences");
  if (given.length !== length) throw rangeError('ERR_DATA', `dataset: ${given.length} ${name} for ${length} rows`);
  const rows = Array.from({ length }, (_, at) => read(given[at], `${name}[${at}]`));
  const fitting = sequences.map(input => fit(rows, lengthsOf(input), classes === undefined));
  const found = fitting.find(({ misfit }) => misfit === undefined);
  if (found) return { per, size: found.size, rows };
  if (sequences.length > 1)
    throw rangeError(
      'ERR_DATA',
      `dataset: the lengths of ${name} are those of no input; expected as many in each row as it has steps in one of ${namesOf(inputs).join(', ')}`,
    );
  const { misfit, steps, size } = fitting[0]!;
  throw rangeError(
    'ERR_DATA',
    `dataset: ${name}[${misfit}] has ${rows[misfit!]!.length} numbers for ${steps[misfit!]} steps; expected ${Math.ceil(size)} a step`,
  );
}

/** How many numbers a step has, and the first row that does not have as many for each. @param wide whether they may be several */
function fit(rows: readonly ArrayLike<number>[], steps: readonly number[], wide: boolean) {
  const first = wide ? steps.findIndex(length => length > 0) : -1;
  const size = first < 0 ? 1 : rows[first]!.length / steps[first]!;
  const misfit = rows.findIndex((row, at) => row.length !== steps[at]! * size || !Number.isInteger(size));
  return { size, steps, misfit: misfit < 0 ? undefined : misfit };
}

/** Of the inputs with a time axis. */
function namesOf(inputs: Readonly<Record<string, DatasetInput>>): string[] {
  return Object.keys(inputs).filter(name => inputs[name]!.kind !== 'vector');
}

/** The numbers of so many rows, in an order that the seed draws. */
export function shuffledRows(length: number, seed: number): Int32Array {
  return new Random(seed, streams.rows).shuffle(rowNumbers(length));
}

function rowNumbers(length: number): Int32Array {
  return Int32Array.from({ length }, (_, row) => row);
}
