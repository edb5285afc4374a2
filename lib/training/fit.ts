import { batchCount, batches } from '../data/batches.ts';
import { type Dataset, holdOut } from '../data/dataset.ts';
import { rangeError } from '../errors.ts';
import type { Callback, FitContext } from './callbacks/callback.ts';
import { Evaluator, RunningMean } from './evaluator.ts';
import { lossFor } from './feeds.ts';
import { type EpochRecord, History } from './history.ts';
import { train, trainerOf } from './train.ts';
import type { Trainable } from './trainable.ts';
import type { TrainerOptions } from './trainer.ts';

export interface FitOptions extends TrainerOptions {
  /** Default 1. */
  readonly epochs?: number;
  /** Rows per update. Default 32. */
  readonly batchSize?: number;
  /** Measured after every epoch. */
  readonly validation?: Dataset;
  /** In place of `validation`: this share of the rows, the last ones before any shuffling, as in Keras. */
  readonly validationSplit?: number;
  /** Leaves out a last batch with fewer rows than the others. Default false. */
  readonly dropLast?: boolean;
  /** A new order in every epoch. Default true, and with `carry`, which needs the order kept, false. */
  readonly shuffle?: boolean;
  /** Put sequences of like length together: faster on ragged data, a slightly different order of rows. Default false. */
  readonly bucketing?: boolean;
  /** Keys the order of rows. Default 0. */
  readonly seed?: number;
  readonly callbacks?: readonly Callback[];
  readonly signal?: AbortSignal;
}

/** Trains for some epochs. Sugar over `train`; what it does beside is written out below. */
export async function fit(model: Trainable, dataset: Dataset, options: FitOptions): Promise<History> {
  const {
    optimizer,
    window,
    quantize,
    carry = false,
    epochs = 1,
    batchSize = 32,
    dropLast = false,
    shuffle = !carry,
    bucketing = false,
    seed = 0,
    callbacks = [],
    signal,
  } = options;
  check(dataset, options);
  const { training, validation } =
    options.validationSplit === undefined
      ? { training: dataset, validation: options.validation }
      : holdOut(dataset, options.validationSplit);
  const loss = lossFor(options.loss, training);
  checkBatches(training, { batchSize, dropLast, carry, shuffle, bucketing });
  const trainer = trainerOf(model, { loss, optimizer, window, carry, quantize });
  const evaluator = validation && new Evaluator(model, lossFor(options.loss, validation));
  const history = new History();
  let stopped = false;
  let epoch = 0;
  const context = (): FitContext => ({
    model,
    trainer,
    history,
    epoch,
    epochs,
    stepsPerEpoch: batchCount(training, { batchSize, dropLast }),
    stop: () => {
      stopped = true;
    },
  });

  try {
    while (epoch < epochs && !stopped) {
      epoch++;
      for (const callback of callbacks) await callback.onEpochStart?.(context());
      const start = performance.now();
      const mean = new RunningMean(loss, model);
      let tokens = 0;
      let { learningRate } = trainer;
      const order = batches(training, { batchSize, dropLast, bucketing, shuffle: shuffle && { seed, epoch } });
      for await (const step of train(model, order, { loss, optimizer, window, carry, quantize, signal })) {
        mean.add(step);
        tokens += step.tokens;
        learningRate = step.learningRate;
        for (const callback of callbacks) await callback.onStep?.(step, context());
      }
      const trained = performance.now();
      const measured = evaluator && validation && (await evaluator.run(batches(validation, { batchSize }), { signal }));
      const { loss: trainLoss, accuracy, heads } = mean.value;
      const record: EpochRecord = {
        epoch,
        loss: trainLoss,
        ...(accuracy === undefined ? {} : { accuracy }),
        ...(measured ? { valLoss: measured.loss } : {}),
        ...(measured?.accuracy === undefined ? {} : { valAccuracy: measured.accuracy }),
        ...(heads ? { heads } : {}),
        ...(measured?.heads ? { valHeads: measured.heads } : {}),
        learningRate,
        tokensPerSecond: (tokens * 1000) / (trained - start),
        seconds: (performance.now() - start) / 1000,
      };
      history.epochs.push(record);
      trainer.epochs.push(record);
      for (const callback of callbacks) await callback.onEpochEnd?.(record, context());
    }
  } finally {
    for (const callback of callbacks) await callback.onEnd?.(context());
  }
  return history;
}

type BatchChoices = Required<Pick<FitOptions, 'batchSize' | 'dropLast' | 'shuffle' | 'bucketing'>>;

/** @throws ERR_DATA where there is no batch; ERR_ARGUMENT where row i of one would not go on in row i of the next, as it has to */
function checkBatches(
  { length }: Dataset,
  { carry, batchSize, dropLast, ...orders }: BatchChoices & { readonly carry: boolean },
): void {
  if (dropLast && length < batchSize)
    throw rangeError(
      'ERR_DATA',
      `fit: dropLast leaves nothing of ${length} rows by ${batchSize}; choose a smaller batchSize`,
    );
  if (!carry) return;
  for (const [option, on] of Object.entries(orders))
    if (on)
      throw rangeError(
        'ERR_ARGUMENT',
        `fit: ${option} puts rows in another order, in which none goes on from the one before; leave it out with carry`,
      );
  const rest = length % batchSize;
  if (length > batchSize && rest > 0 && !dropLast)
    throw rangeError(
      'ERR_ARGUMENT',
      `fit: with carry all batches need as many rows; of ${length} by ${batchSize} the last has ${rest}. Leave it out (dropLast: true), or choose a batchSize that divides them`,
    );
}

function check(dataset: Dataset, { epochs = 1, batchSize = 32, validation, validationSplit }: FitOptions): void {
  for (const [name, value] of Object.entries({ epochs, batchSize }))
    if (!Number.isInteger(value) || value < 1)
      throw rangeError('ERR_ARGUMENT', `fit: ${name} must be a whole number of at least 1, got ${value}`);
  if (validation && validationSplit !== undefined)
    throw rangeError('ERR_ARGUMENT', 'fit: give validation or validationSplit, not both');
  if (dataset.length === 0) throw rangeError('ERR_DATA', 'fit: the dataset is empty');
}
