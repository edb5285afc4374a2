import type { Backend } from '../backend/backend.ts';
import type { CellName } from '../cells.ts';
import { type Batch, batchOf } from '../data/batches.ts';
import type { Dataset } from '../data/dataset.ts';
import { dense } from '../layers/dense.ts';
import { gru } from '../layers/gru.ts';
import { lstm } from '../layers/lstm.ts';
import { rnn } from '../layers/rnn.ts';
import type { Model } from '../models/model.ts';
import { sequential } from '../models/sequential.ts';
import { adam } from '../optimizers/adam.ts';
import { Random } from '../random/random.ts';
import { streams } from '../random/streams.ts';
import { train } from '../training/train.ts';
import { lagsOf, type Task } from './task.ts';

export interface ExerciseOptions {
  /** The longest lag to learn from. */
  readonly lag: number;
  /** Of the recurrent layer. */
  readonly units: number;
  /** Updates, each with rows that were never seen before. */
  readonly steps: number;
  /** Rows per update. */
  readonly batch: number;
  /** Of Adam, with the gradient's norm clipped at 1. */
  readonly learningRate: number;
  /** Draws weights and rows: the same for every cell. */
  readonly seed: number;
  readonly backend: Backend;
  readonly signal?: AbortSignal | undefined;
}

const layerOf = { rnn, gru, lstm } as const;
const clipNorm = 1;

/** A recurrent layer, and behind it no more than the task needs. */
export function pupil(
  { inputSize, outputs, answers }: Task,
  cell: CellName,
  { units, seed, backend }: Pick<ExerciseOptions, 'units' | 'seed' | 'backend'>,
): Model {
  const layers = [layerOf[cell]({ size: units, output: answers }), dense({ size: outputs })];
  return sequential(layers, { inputSize, seed, backend });
}

/** Trains a model on a task, a batch of fresh rows at a time; gives the loss of each before its update. */
export async function* practise(
  model: Model,
  task: Task,
  { lag, steps, batch, learningRate, seed, signal }: ExerciseOptions,
): AsyncGenerator<number, void, undefined> {
  const optimizer = adam({ learningRate, clipNorm });
  model.training = { loss: task.loss, optimizer };
  const rows = exercises(task, { lag, steps, batch, seed });
  for await (const { loss } of train(model, rows, { ...model.training, signal })) yield loss;
}

function* exercises(
  task: Task,
  { lag, steps, batch, seed }: Pick<ExerciseOptions, 'lag' | 'steps' | 'batch' | 'seed'>,
): Generator<Batch, void, undefined> {
  for (let step = 0; step < steps; step++) {
    const random = new Random(seed, streams.exercises + step);
    const rows = task.draw(lagsOf(task, lag, batch, random), random);
    yield batchOf(
      rows,
      Int32Array.from({ length: batch }, (_, row) => row),
    );
  }
}

/** How well a task is done at one lag. */
export interface Trial {
  readonly lag: number;
  readonly loss: number;
  /** Of classifiers. */
  readonly accuracy: number | undefined;
}

/** So many rows of a lag that no exercise has. */
export function trialRows(
  task: Task,
  lag: number,
  { rows, seed }: { readonly rows: number; readonly seed: number },
): Dataset {
  return task.draw(new Array<number>(rows).fill(lag), new Random(seed, streams.trials + lag));
}

/** Measures a model at some lags, each on as many rows. */
export async function trials(
  model: Model,
  task: Task,
  lags: readonly number[],
  { rows, seed, signal }: { readonly rows: number; readonly seed: number; readonly signal?: AbortSignal | undefined },
): Promise<Trial[]> {
  const made: Trial[] = [];
  for (const lag of lags) {
    const data = trialRows(task, lag, { rows, seed });
    const { loss, accuracy } = await model.evaluate(data, { loss: task.loss, ...(signal ? { signal } : {}) });
    made.push({ lag, loss, accuracy });
  }
  return made;
}
