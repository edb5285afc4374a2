import { batchOf } from '../data/batches.ts';
import type { Model, TrainingSetup } from '../models/model.ts';
import { Predictor } from '../models/predictor.ts';
import { higher } from '../profile/limits.ts';
import { type Breakdown, breakdown, profile } from '../profile/profile.ts';
import { type RunTimes, timeRuns, warmUp } from '../profile/run-times.ts';
import { Trainer } from '../training/trainer.ts';
import { Stages } from './stages.ts';
import { streamStep, streams } from './stream-step.ts';
import { syntheticData } from './synthetic.ts';

export interface Measured extends RunTimes {
  /** In one run. */
  readonly tokens: number;
  readonly rows: number;
}

export interface Measurements {
  /** An update from all rows as one batch, packing them included. */
  readonly training: Measured;
  /** Predicting them, packing them included. */
  readonly predicting: Measured;
  /** The same for the first row alone. */
  readonly predictingOne: Measured;
  /** Where no layer of the model reads backward. */
  readonly streamStep: Measured | undefined;
  /** Of training, where it was asked for. */
  readonly profile: Breakdown | undefined;
}

export interface MeasureOptions {
  /** Of each row of the batch. */
  readonly lengths: readonly number[];
  /** For how long to measure each. */
  readonly seconds: number;
  readonly profile: boolean;
  readonly signal: AbortSignal;
}

/** What `Backend.limits` takes, about. */
const limitSeconds = 0.7;

/** Measures one after the other; a terminal on stderr shows how far it is. The model learns nothing. */
export async function measure(
  model: Model,
  { loss, optimizer }: TrainingSetup,
  { lengths, seconds, profile: profiled, signal }: MeasureOptions,
): Promise<Measurements> {
  const { backend } = model;
  const data = syntheticData(model, loss, lengths);
  const all = Int32Array.from(lengths.keys());
  const one = Int32Array.of(0);
  const measuresLimits = profiled && backend.limits !== undefined;
  const stages = new Stages(process.stderr, {
    limits: measuresLimits ? limitSeconds : 0,
    training: seconds,
    predicting: seconds,
    'predicting one row': seconds,
    'a step of a stream': streams(model) ? seconds : 0,
    'limits again': measuresLimits ? limitSeconds : 0,
  });
  const options = (stage: Parameters<typeof stages.enter>[0]) => ({ seconds, signal, onProgress: stages.enter(stage) });
  const limitsAt = (stage: 'limits' | 'limits again') => {
    stages.enter(stage);
    return backend.limits!();
  };
  try {
    const before = measuresLimits ? await limitsAt('limits') : undefined;
    signal.throwIfAborted();

    const trainer = new Trainer(model, { loss, optimizer });
    trainer.learningRate = 0; // as much work, and it cannot diverge
    const program = {
      program: trainer.program,
      feeds: trainer.feeds(batchOf(data, all)),
      times: () => trainer.times(),
    };
    const training = await profile(
      { ...program, run: () => trainer.step(batchOf(data, all), { signal }) },
      options('training'),
    );

    const predictor = new Predictor(model, loss.activation);
    const predict = (rows: Int32Array) => () => predictor.run(batchOf(data, rows));
    const predicting = await timed(predict(all), options('predicting'));
    const predictingOne = await timed(predict(one), options('predicting one row'));
    const step = streams(model)
      ? await timed(streamStep(model, batchOf(syntheticData(model, loss, [1]), one)), options('a step of a stream'))
      : undefined;

    const limits = before && higher(before, await limitsAt('limits again'));
    const [batch, row] = [all, one].map(rows => ({ rows: rows.length, tokens: batchOf(data, rows).tokens }));
    return {
      training: { ...training, ...batch! },
      predicting: { ...predicting, ...batch! },
      predictingOne: { ...predictingOne, ...row! },
      streamStep: step && { ...step, rows: 1, tokens: 1 },
      profile: profiled ? breakdown(training, limits) : undefined,
    };
  } finally {
    stages.stop();
  }
}

async function timed(run: () => unknown, options: Parameters<typeof timeRuns>[1]): Promise<RunTimes> {
  await warmUp(run, options);
  return timeRuns(run, options);
}
