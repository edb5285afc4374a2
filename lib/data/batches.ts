import { rangeError } from '../errors.ts';
import { Random } from '../random/random.ts';
import { streams } from '../random/streams.ts';
import { selectFixed } from './column.ts';
import { type Dataset, type DatasetInput, type DatasetTargets, selectTargets } from './dataset.ts';
import { mapNamed } from './map-named.ts';
import { type PackedLayout, packIds, packLayout, packRows, type RealArray } from './ragged.ts';

/** Rows of a dataset, packed: what one run reads. */
export interface Batch {
  /** Number of rows. */
  readonly size: number;
  /** Their numbers in the dataset: results come in this order. */
  readonly rows: Int32Array;
  /** Steps over all rows, of all inputs together; where there is no time axis, the rows. */
  readonly tokens: number;
  /** By their names in the network. */
  readonly inputs: Readonly<Record<string, BatchInput>>;
  /** The first of them; mostly there is no other. */
  readonly input: BatchInput;
  readonly targets: BatchTargets | undefined;
  /** In place of `targets`: those of several outputs. */
  readonly heads?: Readonly<Record<string, BatchTargets>>;
}

export type BatchInput =
  /** int32 [tokens] */
  | { readonly kind: 'ids'; readonly size: number; readonly layout: PackedLayout; readonly values: Int32Array }
  /** [tokens, size] */
  | { readonly kind: 'sequence'; readonly size: number; readonly layout: PackedLayout; readonly values: RealArray }
  /** [rows, size] in the order of `rows` */
  | { readonly kind: 'vector'; readonly size: number; readonly values: RealArray };

/**
 * Class numbers (Int32Array) or real numbers. Weights say how much each counts, a number per row or token likewise; all alike where
 * there are none.
 */
export type BatchTargets = {
  readonly size: number;
  readonly values: Int32Array | RealArray;
  readonly weights?: RealArray | undefined;
} & (
  | /** [rows, size] in the order of `rows` */ { readonly per: 'sequence' }
  /** [tokens, size] in the order of the layout, which is that of an input with the same lengths */
  | { readonly per: 'token'; readonly layout: PackedLayout }
);

export interface BatchOptions {
  /** Rows in a batch; the last may have fewer. Default 32. */
  readonly batchSize?: number;
  /** Draws the order of the rows, another for each epoch; false keeps the dataset's. Default false. */
  readonly shuffle?: { readonly seed: number; readonly epoch: number } | false;
  /**
   * Puts rows of like length into one batch: sorts by length, of several inputs by the sum of their lengths, within every 64
   * batches. Default false.
   */
  readonly bucketing?: boolean;
  /** Leaves out a last batch with fewer rows than the others. Default false. */
  readonly dropLast?: boolean;
}

const bucketBatches = 64;

/** The dataset's rows cut into batches, each packed when it is asked for. The same options give the same batches. */
export function* batches(dataset: Dataset, options: BatchOptions = {}): Generator<Batch, void, undefined> {
  const { shuffle = false, bucketing = false } = options;
  const { batchSize, rows: used } = cut(dataset, options);
  const random = shuffle ? new Random(shuffle.seed, streams.epochs + shuffle.epoch) : undefined;
  const rows = Int32Array.from({ length: dataset.length }, (_, row) => row);
  const step = batchSize * (bucketing ? bucketBatches : 1);
  for (let start = 0; start < used; start += step) {
    const pool = rows.subarray(start, Math.min(start + step, used));
    if (random) drawFrom(rows, pool, random);
    if (bucketing) pool.set(sortByLength(dataset, pool));
    const starts = Int32Array.from({ length: Math.ceil(pool.length / batchSize) }, (_, at) => at * batchSize);
    if (random && bucketing) random.shuffle(starts);
    for (const at of starts) yield batchOf(dataset, pool.slice(at, at + batchSize));
  }
}

/** How many batches `batches` gives. */
export function batchCount(dataset: Dataset, options: BatchOptions = {}): number {
  const { batchSize, rows } = cut(dataset, options);
  return Math.ceil(rows / batchSize);
}

/** Packs rows of a dataset, in the order given. */
export function batchOf({ inputs, targets, heads }: Dataset, rows: Int32Array): Batch {
  const packed = mapNamed(inputs, input => packInput(input, rows));
  const layouts = Object.values(packed).flatMap(input => (input.kind === 'vector' ? [] : [input.layout]));
  return {
    size: rows.length,
    rows,
    tokens: layouts.length > 0 ? layouts.reduce((sum, { tokens }) => sum + tokens, 0) : rows.length,
    inputs: packed,
    input: Object.values(packed)[0]!,
    targets: targets && packTargets(targets, rows),
    ...(heads && { heads: mapNamed(heads, targets => packTargets(targets, rows)) }),
  };
}

function cut(dataset: Dataset, { batchSize = 32, dropLast = false }: BatchOptions) {
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw rangeError('ERR_ARGUMENT', `batches: batchSize must be a whole number of at least 1, got ${batchSize}`);
  return { batchSize, rows: dropLast ? dataset.length - (dataset.length % batchSize) : dataset.length };
}

/** Fisher and Yates from the front, as far as the pool reaches: what an epoch never asks for is never drawn. */
function drawFrom(rows: Int32Array, pool: Int32Array, random: Random): void {
  const start = (pool.byteOffset - rows.byteOffset) / rows.BYTES_PER_ELEMENT;
  for (let at = start; at < start + pool.length; at++) {
    const other = at + random.below(rows.length - at);
    const row = rows[at]!;
    rows[at] = rows[other]!;
    rows[other] = row;
  }
}

function sortByLength({ inputs }: Dataset, rows: Int32Array): Int32Array {
  const lengths = new Int32Array(rows.length);
  for (const input of Object.values(inputs))
    if (input.kind !== 'vector')
      rows.forEach((row, at) => {
        lengths[at]! += input.rows[row]!.length / input.size;
      });
  return packLayout(lengths).order.map(rank => rows[rank]!);
}

function packInput(input: DatasetInput, rows: Int32Array): BatchInput {
  const { kind, size } = input;
  if (kind === 'vector') return { kind, ...selectFixed(input, rows) };
  const layout = packLayout(Int32Array.from(rows, row => input.rows[row]!.length / size));
  if (kind === 'ids') {
    const values = packIds(
      Array.from(rows, row => input.rows[row]!),
      layout,
    );
    return { kind, size, layout, values };
  }
  const sequences = Array.from(rows, row => input.rows[row]!);
  return { kind, size, layout, values: packRows(sequences, size, layout, precisionOf(input.rows)) };
}

function packTargets(targets: DatasetTargets, rows: Int32Array): BatchTargets {
  if (targets.per === 'sequence') return selectTargets(targets, rows);
  const { per, size, weights } = targets;
  const sequences = Array.from(rows, row => targets.rows[row]!);
  const layout = packLayout(sequences.map(sequence => sequence.length / size));
  const values =
    targets.rows[0] instanceof Int32Array
      ? packIds(sequences, layout)
      : packRows(sequences, size, layout, precisionOf(targets.rows));
  if (!weights) return { per, size, layout, values };
  const own = Array.from(rows, row => weights[row]!);
  return { per, size, layout, values, weights: packRows(own, 1, layout, precisionOf(weights)) };
}

/** Sequences keep their precision; where they differ, the first one's. */
function precisionOf(sequences: readonly (RealArray | Int32Array)[]): 'float32' | 'float64' {
  return sequences[0] instanceof Float64Array ? 'float64' : 'float32';
}
