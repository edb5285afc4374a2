import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import {
  adam,
  type Backend,
  binaryCrossEntropy,
  type Dataset,
  dataset,
  dense,
  type EpochRecord,
  embedding,
  lstm,
  rnn,
  sequential,
} from '../../lib/index.ts';
import { padSequences, truncate } from '../../lib/text/pad.ts';
import { wordTokenizerFromIndex } from '../../lib/text/word-tokenizer.ts';
import { UsageError } from '../command.ts';

const vocabulary = 2500;
const maxLength = 100;
export const cells = ['rnn', 'lstm'] as const;
export type Cell = (typeof cells)[number];
/** What recurrent products are made of while a model is trained. */
export const numberKinds = ['float32', 'bfloat16'] as const;
export type Numbers = (typeof numberKinds)[number];

/** Test loss and accuracy as the book prints them. */
export const published: Readonly<Record<Cell, { loss: number; accuracy: number }>> = {
  rnn: { loss: 0.544, accuracy: 0.7217 },
  lstm: { loss: 0.361, accuracy: 0.8441 },
};

/** The reviews of Maas et al. 2011 as ids, sorted by label as in the files. */
export interface Reviews {
  readonly ids: readonly Int32Array[];
  readonly labels: Int32Array;
}

export interface Run {
  readonly cell: Cell;
  readonly numbers: Numbers;
  readonly seed: number;
  readonly loss: number;
  readonly accuracy: number;
  /** The same model's with its recurrent products rounded. */
  readonly bfloat16Accuracy: number;
  readonly int8Accuracy: number;
  readonly valLoss: number;
  readonly valAccuracy: number;
  readonly epochs: readonly EpochRecord[];
  /** Of training and its validation. */
  readonly seconds: number;
  readonly tokensPerSecond: number;
}

/**
 * Reads {train,test}.jsonl.gz and keras_word_index.json.gz of a folder and encodes the reviews as Keras's IMDB data set is:
 * ids from 4 by frequency, 1 in front, 2 for words of rank 2497 and beyond, words without a rank left out. Of each review the
 * last 100 ids, and in front of shorter ones zeros, which Keras's layers read like any other id; with `ragged` no zeros.
 */
export async function readImdb(
  folder: string,
  { ragged }: { ragged: boolean },
): Promise<{ train: Reviews; test: Reviews }> {
  const index = new Map(Object.entries<number>(JSON.parse(await unzipped(folder, 'keras_word_index.json.gz'))));
  const tokenizer = wordTokenizerFromIndex(index, {
    maxWords: vocabulary,
    firstWordId: 4,
    start: true,
    drop: 'unseen',
  });
  const read = async (name: string): Promise<Reviews> => {
    const rows = (await unzipped(folder, name))
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line) as { text: string; label: number });
    const ids = rows.map(({ text }) => tokenizer.encode(text));
    return {
      ids: ragged ? ids.map(row => truncate(row, maxLength)) : padSequences(ids, { length: maxLength }),
      labels: Int32Array.from(rows, ({ label }) => label),
    };
  };
  return { train: await read('train.jsonl.gz'), test: await read('test.jsonl.gz') };
}

/** One training run with the settings of the text; the rows are permuted by seed before the last fifth validates. */
export async function reproduce(
  cell: Cell,
  seed: number,
  { train, test }: { train: Reviews; test: Reviews },
  { backend, numbers }: { backend: Backend; numbers: Numbers },
): Promise<Run> {
  const recurrent = { size: 64, dropout: 0.2, recurrentDropout: 0.2 };
  const model = sequential(
    [embedding({ vocabulary, size: 128 }), cell === 'lstm' ? lstm(recurrent) : rnn(recurrent), dense({ size: 1 })],
    { seed, backend },
  );
  const start = performance.now();
  const history = await model.fit(toDataset(train).shuffled(seed), {
    loss: binaryCrossEntropy(),
    optimizer: adam({ epsilon: 1e-7 }),
    quantize: numbers === 'bfloat16' ? numbers : undefined,
    epochs: 5,
    batchSize: 128,
    validationSplit: 0.2,
    seed,
  });
  const seconds = (performance.now() - start) / 1000;
  const asked = toDataset(test);
  const { loss, accuracy } = await model.evaluate(asked);
  const [bfloat16, int8] = [
    await model.evaluate(asked, { quantize: 'bfloat16' }),
    await model.evaluate(asked, { quantize: 'int8' }),
  ];
  const last = history.last!;
  return {
    cell,
    numbers,
    seed,
    loss,
    accuracy: accuracy!,
    bfloat16Accuracy: bfloat16.accuracy!,
    int8Accuracy: int8.accuracy!,
    valLoss: last.valLoss!,
    valAccuracy: last.valAccuracy!,
    epochs: history.epochs,
    seconds,
    tokensPerSecond: last.tokensPerSecond,
  };
}

/** Accuracy of always saying the more frequent label. */
export function majority({ labels }: Reviews): number {
  const positive = labels.reduce((sum, label) => sum + label, 0) / labels.length;
  return Math.max(positive, 1 - positive);
}

/** Test accuracy of naive Bayes on which ids occur in a review (Bernoulli, Laplace smoothing): a model that has to be beaten. */
export function naiveBayes(train: Reviews, test: Reviews): number {
  const rows = [0, 0];
  const occurs = [new Float64Array(vocabulary).fill(1), new Float64Array(vocabulary).fill(1)];
  train.ids.forEach((ids, row) => {
    const label = train.labels[row]!;
    rows[label]!++;
    for (const id of new Set(ids)) occurs[label]![id]!++;
  });
  // Log odds of a review in which nothing occurs, and what each id that does occur adds.
  let bias = Math.log(rows[1]! / rows[0]!);
  const adds = Float64Array.from({ length: vocabulary }, (_, id) => {
    const [negative, positive] = occurs.map((counts, label) => counts[id]! / (rows[label]! + 2)) as [number, number];
    bias += Math.log((1 - positive) / (1 - negative));
    return Math.log((positive * (1 - negative)) / (negative * (1 - positive)));
  });
  let right = 0;
  test.ids.forEach((ids, row) => {
    let odds = bias;
    for (const id of new Set(ids)) odds += adds[id]!;
    if (Number(odds > 0) === test.labels[row]) right++;
  });
  return right / test.ids.length;
}

function toDataset({ ids, labels }: Reviews): Dataset {
  return dataset({ ids, classes: labels });
}

const unzip = promisify(gunzip);

async function unzipped(folder: string, name: string): Promise<string> {
  const path = join(folder, name);
  try {
    return (await unzip(await readFile(path))).toString();
  } catch (error) {
    throw new UsageError(`--data: cannot read ${path}: ${(error as Error).message}`);
  }
}
