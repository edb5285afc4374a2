import { rangeError, typeError } from '../errors.ts';
import { Random } from '../random/random.ts';
import { streams } from '../random/streams.ts';
import type { Encoder } from '../text/encoder.ts';
import { type Fixed, type Ragged, selectFixed, selectRagged } from './column.ts';
import { mapNamed } from './map-named.ts';
import type { RealArray } from './ragged.ts';
import { readInputs, rowCount } from './read-inputs.ts';
import { readTargets } from './read-targets.ts';

/** What each row holds, by what a network reads: token ids, a sequence of vectors, or one vector without a time axis. */
export type DatasetInput =
  | ({ readonly kind: 'ids' } & Ragged<Int32Array>)
  | ({ readonly kind: 'sequence' } & Ragged<RealArray>)
  | ({ readonly kind: 'vector' } & Fixed<RealArray>);

/** A target for each row, or for each of its steps: class numbers (Int32Array, size 1) or real numbers; and how much each counts. */
export type DatasetTargets =
  | ({ readonly per: 'sequence'; readonly weights?: RealArray } & Fixed)
  | ({ readonly per: 'token'; readonly weights?: readonly RealArray[] } & Ragged);

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
 * along which the model gives its outputs. `weights` say how much each of them counts: numbers of at least 0, by whose sum the mean
 * of the loss divides. With weight 0 a target is left out, whatever it is, and no accuracy counts it. Default: all count alike.
 */
export type TargetRows =
  | {
      readonly classes?: never;
      readonly targets?: never;
      readonly per?: never;
      readonly weights?: never;
    }
  /** Class numbers from 0. Two classes, 0 and 1, also suit a model with a single output. */
  | ({ readonly classes: ArrayLike<number>; readonly targets?: never } & PerSequence)
  | ({ readonly classes: readonly ArrayLike<number>[]; readonly targets?: never } & PerToken)
  /** Real numbers or vectors of them. */
  | ({ readonly targets: ArrayLike<number> | readonly ArrayLike<number>[]; readonly classes?: never } & PerSequence)
  | ({
      readonly targets: readonly (ArrayLike<number> | readonly ArrayLike<number>[])[];
      readonly classes?: never;
    } & PerToken);

interface PerSequence {
  readonly per?: 'sequence';
  readonly weights?: ArrayLike<number>;
}

interface PerToken {
  readonly per: 'token';
  readonly weights?: readonly ArrayLike<number>[];
}

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
 *     dataset({ sequences: [[0.1, 0.2], [0.3]], targets: [[1, 2], [3]], weights: [[0, 1], [1]], per: 'token' })
 *     dataset({ vectors: [[1, 2], [3, 4]], classes: [1, 0] })
 *     dataset({ ids: [[4, 8, 15], [16, 23]], heads: { sentiment: { classes: [0, 1] }, stars: { targets: [1.5, 4] } } })
 *     dataset({ inputs: { image: { vectors: [[1, 2]] }, words: { ids: [[0, 7, 3]] } }, classes: [[7, 3, 1]], per: 'token' })
 *
 * @throws ERR_DATA where rows are of different widths, or inputs, targets and weights of different lengths
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

function selectInput(input: DatasetInput, rows: Int32Array): DatasetInput {
  if (input.kind === 'vector') return { kind: input.kind, ...selectFixed(input, rows) };
  if (input.kind === 'ids') return { kind: input.kind, ...selectRagged(input, rows) };
  return { kind: input.kind, ...selectRagged(input, rows) };
}

export function selectTargets<T extends DatasetTargets>(targets: T, rows: Int32Array): T;
export function selectTargets(targets: DatasetTargets, rows: Int32Array): DatasetTargets {
  if (targets.per === 'sequence') {
    const { per, weights } = targets;
    const own = weights && selectFixed({ size: 1, values: weights }, rows).values;
    return { per, ...selectFixed(targets, rows), ...(own && { weights: own }) };
  }
  const { per, weights } = targets;
  return { per, ...selectRagged(targets, rows), ...(weights && { weights: Array.from(rows, row => weights[row]!) }) };
}

/** The numbers of so many rows, in an order that the seed draws. */
export function shuffledRows(length: number, seed: number): Int32Array {
  return new Random(seed, streams.rows).shuffle(rowNumbers(length));
}

function rowNumbers(length: number): Int32Array {
  return Int32Array.from({ length }, (_, row) => row);
}
