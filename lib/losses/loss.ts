import type { Activation } from '../layers/activation.ts';
import type { DType } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';

/** Scalars that a loss records for one batch. */
export interface LossTensors {
  /** Mean over the rows that count: what is differentiated. */
  readonly loss: Tensor;
  /** Rows that count: what the mean divides by; absent where it is every row. */
  readonly total?: Tensor;
  /** Rows predicted rightly, for losses of classifiers. */
  readonly correct?: Tensor;
}

/** A plain description of a loss: what `fit` takes and what a saved model remembers. */
export interface Loss {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** Turns the network's outputs into what users read: probabilities for classifiers. */
  readonly activation: Activation;
  /** dtype of a target: a class number, or a real number. */
  readonly targets: DType;
  /** Rows of logits [rows, outputs] against targets [rows] (int32) or [rows, outputs] (real). */
  record(logits: Tensor, targets: Tensor): LossTensors;
}
