import type { Backend, NumberArray, RealArray } from '../backend/backend.ts';
import { arrayOf } from '../backend/feeds.ts';
import { type Batch, batchOf } from '../data/batches.ts';
import type { Dataset } from '../data/dataset.ts';
import { unpackRows } from '../data/ragged.ts';
import { rangeError } from '../errors.ts';
import { buildLoss } from '../losses/index.ts';
import type { Loss } from '../losses/loss.ts';
import { gradients } from '../ops/gradients.ts';
import { stepAt } from '../ops/step-at.ts';
import { bindInputs, bindTargets, targetFeed } from '../training/feeds.ts';
import type { Trainable } from '../training/trainable.ts';
import { type Findings, findings, type Observed } from './findings.ts';
import { OpenRecording, readInside } from './open-recording.ts';

export interface DiagnosisOptions {
  /** Default: the one that the model was trained with. */
  readonly loss?: Loss | undefined;
  /** How many of the dataset's first rows are looked at. Default 64. */
  readonly rows?: number;
  /** A gradient of less than this share of the last step's has vanished. Default 0.001. */
  readonly vanished?: number;
  /** A gradient of more than so many times the last step's has exploded. Default 1000. */
  readonly exploded?: number;
  readonly signal?: AbortSignal | undefined;
}

/** What goes on inside of a model's recurrent layers, as plain data. */
export interface Diagnosis extends Findings {
  /** Mean over the rows of the loss at the last step. */
  readonly loss: number;
  readonly rows: number;
}

/**
 * Looks into the layers of rnn, gru and lstm of a model as it predicts, without dropout: how far the loss's gradient reaches back through time, how
 * saturated gates are, which units are dead, where something exploded. A model that answers at every step is asked for its last
 * answer alone, so that what arrives at an earlier state has come through time. Hochreiter 1991; Bengio, Simard & Frasconi 1994;
 * Pascanu, Mikolov & Bengio 2013. Slow beside training: every layer is written out in plain operations.
 * @throws ERR_ARGUMENT where there is no layer of rnn, gru or lstm, or more than one input; ERR_DATA where the data does not fit
 */
export async function diagnose(
  model: Trainable & { readonly training?: { readonly loss: Loss } | undefined },
  data: Dataset,
  { loss = model.training?.loss, rows = 64, vanished = 1e-3, exploded = 1e3, signal }: DiagnosisOptions = {},
): Promise<Diagnosis> {
  if (!loss)
    throw rangeError('ERR_ARGUMENT', 'diagnose: the model was not trained here; say with which loss to look at it');
  for (const [name, value] of Object.entries({ rows, vanished, exploded }))
    if (!(value > 0)) throw rangeError('ERR_ARGUMENT', `diagnose: ${name} must be a number above 0, got ${value}`);
  const names = Object.keys(model.inputs);
  if (names.length > 1)
    throw rangeError(
      'ERR_ARGUMENT',
      `diagnose: looks back along one input, the model reads ${names.join(' and ')}, each with a time of its own`,
    );
  const batch = batchOf(
    data,
    Int32Array.from({ length: Math.min(rows, data.length) }, (_, row) => row),
  );
  const { input } = batch;
  if (batch.size === 0) throw rangeError('ERR_DATA', 'diagnose: the dataset is empty');
  if (input.kind === 'vector') throw rangeError('ERR_DATA', 'diagnose: the data has vectors, which have no time');

  // Summed, a row's gradient is that of its own loss, whatever the number of rows.
  const summed = buildLoss({ name: loss.name, options: { ...loss.options, reduction: 'sum' } });
  const { program, layers } = record(model, summed);
  const { parameters } = model;
  const { precision } = parameters.backend;
  const executable = parameters.backend.load(program, { parameters: parameters.storage });
  const { sizes, values } = bindInputs(batch, model.inputs, precision);
  const alike = { inputs: batch.inputs, targets: batch.targets && { ...batch.targets, weights: undefined } };
  const targets = lastTargets(batch, bindTargets(alike, summed, model.output, precision).targets, precision);
  const results = await executable.run({ sizes, values: { ...values, targets } }, signal ? { signal } : {});

  const observed = layers.map((layer, index): Observed => {
    const { name, cell, direction, activations, states, nudges } = layer;
    const gradients = Object.keys(nudges).map(state => [state, results[`${index}.gradients.${state}`] as RealArray]);
    return {
      ...{ name, cell, direction, activations },
      size: states.h!.shape[1] as number,
      ...readInside(layer, index, results),
      gradients: Object.fromEntries(gradients),
    };
  });
  const terms = batch.size * (summed.targets === 'real' ? model.output.size : 1);
  return {
    loss: results.loss![0]! / terms,
    rows: batch.size,
    ...findings(observed, { layout: input.layout, vanished, exploded }),
  };
}

/** The program whose results are the loss, what `readInside` reads, and the gradients by the states: `0.gradients.h`. */
function record(model: Trainable, loss: Loss) {
  const recording = new OpenRecording('train');
  const logits = model.record(recording);
  const { layers } = recording;
  if (layers.length === 0)
    throw rangeError('ERR_ARGUMENT', 'diagnose: the model has no layer of rnn, gru or lstm to look into');
  const answers = model.output.kind === 'sequence' ? stepAt(logits, -1) : logits;
  const { loss: value } = loss.record(answers, targetFeed(recording, loss, answers));
  recording.result('loss', value);
  recording.nameInside();
  const nudges = layers.flatMap(({ nudges }, index) =>
    Object.entries(nudges).map(([state, nudge]) => [`${index}.gradients.${state}`, nudge] as const),
  );
  const arrived = gradients(
    value,
    nudges.map(([, nudge]) => nudge),
  );
  for (const [at, [name]] of nudges.entries()) recording.result(name, arrived[at]!);
  return { program: recording.finish(), layers };
}

/** Of targets at every step each row's last one, in the caller's order; 0 for a row without steps. */
function lastTargets({ targets }: Batch, packed: NumberArray, precision: Backend['precision']): NumberArray {
  if (targets?.per !== 'token') return packed;
  const { size, layout } = targets;
  const last = new (arrayOf(packed instanceof Int32Array ? 'int32' : 'real', precision))(layout.batch * size);
  unpackRows(packed, size, layout).forEach((row, place) => {
    last.set(row.subarray(Math.max(0, row.length - size)), place * size);
  });
  return last;
}
