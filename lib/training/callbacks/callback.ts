import type { EpochRecord, History } from '../history.ts';
import type { TrainStep } from '../train.ts';
import type { Trainable } from '../trainable.ts';
import type { Trainer } from '../trainer.ts';

/** Where `fit` stands when it calls a callback. */
export interface FitContext {
  readonly model: Trainable;
  readonly trainer: Trainer;
  readonly history: History;
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Batches of an epoch; with `window` each is several steps. */
  readonly stepsPerEpoch: number;
  /** Ends training after this epoch. */
  stop(): void;
}

/** Something that watches or steers `fit`. `fit` waits for what a callback returns. */
export interface Callback {
  onEpochStart?(context: FitContext): void | Promise<void>;
  onStep?(step: TrainStep, context: FitContext): void | Promise<void>;
  onEpochEnd?(record: EpochRecord, context: FitContext): void | Promise<void>;
  /** Also after an error or an abort. */
  onEnd?(context: FitContext): void | Promise<void>;
}
