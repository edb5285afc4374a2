import { failure } from '../errors.ts';
import { Encoder } from '../text/encoder.ts';
import type { Side } from '../text/pad.ts';
import { TimeSlice } from '../text/time-slice.ts';
import { type WordTokenizerOptions, wordTokenizer } from '../text/word-tokenizer.ts';
import { Dataset, holdOutFrom, shuffledRows } from './dataset.ts';
import type { LabelledText } from './readers/columns.ts';

export interface TextClassificationOptions extends WordTokenizerOptions {
  /** Ids are below it, reserved ids included. Default 2500. */
  readonly maxWords?: number;
  /** Words of a text that are read. Default 100. */
  readonly maxLength?: number;
  /** Where longer texts lose words. Default 'front': the last ones are kept. */
  readonly truncate?: Side;
  /** Share of the rows to set apart for testing, in (0, 1). Default 0.2. */
  readonly testShare?: number;
  /** Draws which rows these are. Default 7. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

export interface TextClassification {
  readonly train: Dataset;
  readonly test: Dataset;
  /** Made of the training rows alone. `fit` keeps it with the model; its `vocabulary` is what an embedding needs. */
  readonly encoder: Encoder;
}

/**
 * Datasets from texts with labels: rows are put in an order drawn by the seed, the last ones set apart for testing, the words
 * of the others numbered by frequency. Class numbers follow the labels in sorted order, numbers by value.
 * @throws ERR_DATA where there are no rows, a label is empty, or all rows have the same label
 */
export async function textClassification(
  rows: Iterable<LabelledText> | AsyncIterable<LabelledText>,
  options: TextClassificationOptions = {},
): Promise<TextClassification> {
  const { maxWords = 2500, maxLength = 100, truncate = 'front', testShare = 0.2, seed = 7, signal } = options;
  const all = await collect(rows, signal);
  const labels = sortLabels(new Set(all.map(({ label }) => label)));
  if (labels.length < 2)
    throw failure(
      'ERR_DATA',
      labels.length === 0
        ? 'textClassification: there are no rows'
        : `textClassification: all ${all.length} rows have the label ${labels[0]}; there must be at least two labels to tell apart`,
    );
  const order = shuffledRows(all.length, seed);
  const at = holdOutFrom(all.length, testShare, 'textClassification: testShare');
  const ordered = Array.from(order, row => all[row]!);
  const training = ordered.slice(0, at);

  const tokenizer = await wordTokenizer(
    training.map(({ text }) => text),
    { ...options, maxWords },
  );
  const encoder = new Encoder({ tokenizer, labels, maxLength, truncate });
  return {
    train: await encodeRows(training, encoder, { signal }),
    test: await encodeRows(ordered.slice(at), encoder, { signal }),
    encoder,
  };
}

/**
 * A dataset from texts with labels, in their order, by an encoder that is there already: that of a trained model.
 * @throws ERR_DATA for a label that the encoder does not have
 */
export async function encodeRows(
  rows: Iterable<LabelledText> | AsyncIterable<LabelledText>,
  encoder: Encoder,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Dataset> {
  const slice = new TimeSlice();
  const classOf = new Map(encoder.labels.map((label, index) => [label, index]));
  const ids: Int32Array[] = [];
  const classes: number[] = [];
  for await (const { text, label } of rows) {
    const index = classOf.get(label);
    if (index === undefined)
      throw failure('ERR_DATA', `row ${ids.length + 1}: the label ${label} is none of ${encoder.labels.join(', ')}`);
    ids.push(encoder.encode(text));
    classes.push(index);
    if (slice.over) await slice.next();
    signal?.throwIfAborted();
  }
  return new Dataset(
    { input: { kind: 'ids', size: 1, rows: ids } },
    { per: 'sequence', size: 1, values: Int32Array.from(classes) },
    encoder,
  );
}

async function collect(
  rows: Iterable<LabelledText> | AsyncIterable<LabelledText>,
  signal: AbortSignal | undefined,
): Promise<LabelledText[]> {
  const all: LabelledText[] = [];
  for await (const row of rows) {
    signal?.throwIfAborted();
    all.push(row);
    if (row.label === '') throw failure('ERR_DATA', `textClassification: row ${all.length} has no label`);
  }
  return all;
}

/** Labels that are all numbers by value, others by their code units: the same on every machine. */
function sortLabels(labels: Iterable<string>): string[] {
  const sorted = [...labels].sort();
  return sorted.every(label => label.trim() !== '' && Number.isFinite(Number(label)))
    ? sorted.sort((a, b) => Number(a) - Number(b))
    : sorted;
}
