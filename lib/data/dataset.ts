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
  /** Number of rows. */
  readonly length: number;
  readonly input: DatasetInput;
  readonly targets: DatasetTargets | undefined;
  /** In place of `targets`, for a model with several outputs: the targets of each, by its name. */
  readonly heads: Readonly<Record<string, DatasetTargets>> | undefined;
  /** What made ids of text and class numbers of labels; `fit` hands it on to the model. */
  readonly encoder: Encoder | undefined;

  constructor(
    input: DatasetInput,
    targets?: DatasetTargets,
    encoder?: Encoder,
    heads?: Readonly<Record<string, DatasetTargets>>,
  ) {
    this.length = 'rows' in input ? input.rows.length : input.values.length / input.size;
    this.input = input;
    this.targets = targets;
    this.heads = heads;
    this.encoder = encoder;
  }

  /** The rows of these numbers, in this order. */
  select(rows: Int32Array): Dataset {
    const { input, targets, encoder, heads } = this;
    return new Dataset(
      selectInput(input, rows),
      targets && selectTargets(targets, rows),
      encoder,
      heads && mapHeads(heads, targets => selectTargets(targets, rows)),
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
export type InputRows =
  /** Token ids of each row. */
  | { readonly ids: readonly ArrayLike<number>[] }
  /** The steps of each row: vectors, or numbers side by side, `size` (default 1) of them a step. */
  | { readonly sequences: readonly (ArrayLike<number> | readonly ArrayLike<number>[])[]; readonly size?: number }
  /** One vector of each row. */
  | { readonly vectors: readonly ArrayLike<number>[] };

/** `classes`, `targets` or neither; `per: 'token'` where every step has its own. */
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
 *
 * @throws ERR_DATA where rows are of different widths, or inputs and targets of different lengths
 */
export function dataset(rows: InputRows & (TargetRows | HeadRows)): Dataset {
  const input = readInput(rows);
  const { length } = new Dataset(input);
  if ('heads' in rows) {
    const read = (targets: TargetRows, name: string) => {
      const found = readTargets(targets, input, length);
      if (!found) throw typeError('ERR_DATA', `dataset: the head ${name} has neither classes nor targets`);
      return found;
    };
    return new Dataset(input, undefined, undefined, mapHeads(rows.heads, read));
  }
  return new Dataset(input, readTargets(rows, input, length));
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

/** Each head's own. */
export function mapHeads<T, R>(heads: Readonly<Record<string, T>>, map: (of: T, name: string) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(heads).map(([name, of]) => [name, map(of, name)]));
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

function readInput(arrays: InputRows): DatasetInput {
  const given = ['ids', 'sequences', 'vectors'].filter(name => name in arrays);
  if (given.length !== 1)
    throw typeError(
      'ERR_DATA',
      `dataset: expected one of ids, sequences and vectors, got ${given.join(' and ') || 'none'}`,
    );
  if ('ids' in arrays) {
    expectArray(arrays.ids, 'ids');
    return { kind: 'ids', size: 1, rows: arrays.ids.map((row, at) => readWholeNumbers(row, `ids[${at}]`)) };
  }
  if ('vectors' in arrays) {
    const { values, width } = readRealNumbers(arrays.vectors, 'vectors');
    return { kind: 'vector', size: width, values };
  }
  expectArray(arrays.sequences, 'sequences');
  const read = arrays.sequences.map((row, at) => readRealNumbers(row, `sequences[${at}]`));
  const size = arrays.size ?? read.find(({ values }) => values.length > 0)?.width ?? 1;
  if (!Number.isInteger(size) || size < 1)
    throw rangeError('ERR_DATA', `dataset: size must be a whole number of at least 1, got ${size}`);
  read.forEach(({ values, width }, at) => {
    if ((width !== size && width !== 1) || values.length % size !== 0)
      throw rangeError(
        'ERR_DATA',
        `dataset: sequences[${at}] has ${width === 1 ? `${values.length} numbers` : `${width} numbers a step`}, expected ${size} a step`,
      );
  });
  return { kind: 'sequence', size, rows: read.map(({ values }) => values) };
}

function readTargets(arrays: TargetRows, input: DatasetInput, length: number): DatasetTargets | undefined {
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

  if (per === 'sequence') {
    const values = read(given, name);
    const size = length === 0 ? 1 : values.length / length;
    if (!Number.isInteger(size) || size < 1 || (classes !== undefined && size !== 1))
      throw rangeError('ERR_DATA', `dataset: ${values.length} ${name} for ${length} rows`);
    return { per, size, values };
  }
  if (input.kind === 'vector')
    throw rangeError('ERR_DATA', "dataset: vectors have no steps; per: 'token' needs ids or sequences");
  if (given.length !== length) throw rangeError('ERR_DATA', `dataset: ${given.length} ${name} for ${length} rows`);
  const steps = input.rows.map(row => row.length / input.size);
  const rows = steps.map((_, at) => read(given[at], `${name}[${at}]`));
  const first = classes === undefined ? steps.findIndex(length => length > 0) : -1;
  const size = first < 0 ? 1 : rows[first]!.length / steps[first]!;
  rows.forEach((row, at) => {
    if (row.length !== steps[at]! * size || !Number.isInteger(size))
      throw rangeError(
        'ERR_DATA',
        `dataset: ${name}[${at}] has ${row.length} numbers for ${steps[at]} steps; expected ${Math.ceil(size)} a step`,
      );
  });
  return { per, size, rows };
}

/** The numbers of so many rows, in an order that the seed draws. */
export function shuffledRows(length: number, seed: number): Int32Array {
  return new Random(seed, streams.rows).shuffle(rowNumbers(length));
}

function rowNumbers(length: number): Int32Array {
  return Int32Array.from({ length }, (_, row) => row);
}
