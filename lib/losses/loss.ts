import { rangeError } from '../errors.ts';
import type { Activation } from '../layers/activation.ts';
import type { Reduction } from '../ops/reduction.ts';
import type { DType } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';

/** What a loss records for one batch. */
export interface LossTensors {
  /** What is differentiated: a scalar, or, with reduction 'none', a loss per row or element. */
  readonly loss: Tensor;
  /** Rows that count, by their weight: what the mean divides by; absent where it is every row. */
  readonly total?: Tensor;
  /** Rows predicted rightly, for losses of classifiers. */
  readonly correct?: Tensor;
}

export interface LossOptions {
  /**
   * Default 'mean', over the rows that count and their outputs. With 'sum' the gradient grows with the batch; what training and
   * evaluation report is the mean all the same. 'none' gives a loss per row or element, for programs of one's own.
   */
  readonly reduction?: Reduction;
}

/** A plain description of a loss: what `fit` takes and what a saved model remembers. */
export interface Loss {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly reduction: Reduction;
  /** Targets of this class do not count; absent where all do. */
  readonly ignore?: number | undefined;
  /** Whether `record` is given weights, since the data has some. Default false. */
  readonly weighted?: boolean;
  /** Turns the network's outputs into what users read: probabilities for classifiers. */
  readonly activation: Activation;
  /** dtype of a target: a class number, or a real number. */
  readonly targets: DType;
  /** In place of `record`: losses of several outputs, by the names of the layers that give them, and their weights. */
  readonly heads?: Readonly<Record<string, { readonly loss: Loss; readonly weight: number }>>;
  /**
   * Rows of logits [rows, outputs] against targets [rows] (int32) or [rows, outputs] (real).
   * @param weights [rows], how much each row counts, 0 where it does not: its target is then the number of classes, or −1 if real
   */
  record(logits: Tensor, targets: Tensor, weights?: Tensor): LossTensors;
}

/** @throws ERR_ARGUMENT for a reduction that does not exist */
export function reductionOf(loss: string, { reduction = 'mean' }: LossOptions): Reduction {
  if (!['mean', 'sum', 'none'].includes(reduction))
    throw rangeError('ERR_ARGUMENT', `${loss}: reduction must be 'mean', 'sum' or 'none', got ${String(reduction)}`);
  return reduction;
}

/** @throws ERR_ARGUMENT unless every weight is a number of at least 0 */
export function checkWeights(loss: string, option: string, weights: readonly number[] = []): void {
  const strange = weights.findIndex(weight => !(weight >= 0 && Number.isFinite(weight)));
  if (strange >= 0)
    throw rangeError(
      'ERR_ARGUMENT',
      `${loss}: ${option}[${strange}] must be a number of at least 0, got ${String(weights[strange])}`,
    );
}
