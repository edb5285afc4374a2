import type { Batch } from '../data/batches.ts';
import type { Carry } from './carry.ts';
import { lossFor } from './feeds.ts';
import type { Trainable } from './trainable.ts';
import { type StepResult, Trainer, type TrainerOptions } from './trainer.ts';

export interface TrainOptions extends TrainerOptions {
  /** Aborting ends the loop with the signal's reason; the parameters are those of the last whole step. */
  readonly signal?: AbortSignal | undefined;
}

export interface TrainStep extends StepResult {
  /** Steps this trainer has done, this one included. */
  readonly step: number;
  /** Tokens in the batch; rows, where there is no time. */
  readonly tokens: number;
  readonly tokensPerSecond: number;
}

/**
 * The training loop: one update per batch, or per window of one, each off the event loop. `break` stops it between updates. Called again with the
 * same model, loss and optimizer it goes on with the optimizer's state; what `carry` carries begins anew.
 */
export async function* train(
  model: Trainable,
  batches: Iterable<Batch> | AsyncIterable<Batch>,
  { signal, ...options }: TrainOptions,
): AsyncGenerator<TrainStep, void, undefined> {
  let trainer: Trainer | undefined;
  let carry: Carry | undefined;
  for await (const whole of batches) {
    if (!trainer) {
      trainer = trainerOf(model, { ...options, loss: lossFor(options.loss, whole) });
      carry = trainer.carry();
    }
    for (const batch of carry?.windows(whole) ?? [whole]) {
      const start = performance.now();
      const result = await trainer.step(batch, { signal, carry });
      const seconds = (performance.now() - start) / 1000;
      yield { ...result, step: trainer.steps, tokens: batch.tokens, tokensPerSecond: batch.tokens / seconds };
    }
  }
}

const trainers = new WeakMap<Trainable, { key: string; trainer: Trainer }>();

/**
 * The trainer of a model; a new one where the loss, whether it is weighted, the optimizer, the window, `carry`, the numbers or the set
 * of frozen parameters is another than before.
 */
export function trainerOf(model: Trainable, options: TrainerOptions): Trainer {
  const { loss, optimizer, window, carry = false, quantize } = options;
  const key = JSON.stringify([loss, optimizer, window, carry, quantize, model.parameters.trainableRanges]);
  const known = trainers.get(model);
  if (known?.key === key) return known.trainer;
  const trainer = new Trainer(model, options);
  trainers.set(model, { key, trainer });
  return trainer;
}
