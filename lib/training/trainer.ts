import type { Executable, Feeds, Storage } from '../backend/backend.ts';
import type { Batch } from '../data/batches.ts';
import { failure } from '../errors.ts';
import type { Loss } from '../losses/loss.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import { rateAt } from '../optimizers/schedules/index.ts';
import type { Figures } from '../optimizers/schedules/schedule.ts';
import { type BatchLoss, bindInput, bindTargets, readLoss } from './feeds.ts';
import { Lbfgs } from './lbfgs.ts';
import type { Trainable } from './trainable.ts';
import { recordTrainingStep } from './training-step.ts';

/** What one training step reports; the loss is the one before the update. */
export interface StepResult extends BatchLoss {
  /** L2 norm of all gradients together, before clipping. */
  readonly gradientNorm: number;
  readonly learningRate: number;
}

export interface TrainerOptions {
  readonly loss: Loss;
  readonly optimizer: Optimizer;
}

/** A model with a loss and an optimizer: one program that computes the gradients and updates the parameters; for L-BFGS some. */
export class Trainer {
  readonly model: Trainable;
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  /** Steps done. */
  steps = 0;
  /** What the epochs done came to; `fit` adds them. Schedules go by these two. */
  readonly epochs: Figures[] = [];
  private givenRate: number | undefined;
  private readonly executable: Executable;
  private readonly update: Pick<Executable, 'run'>;

  constructor(model: Trainable, { loss, optimizer }: TrainerOptions) {
    this.model = model;
    this.loss = loss;
    this.optimizer = optimizer;
    if (optimizer.name === 'lbfgs') {
      const loop = new Lbfgs(model, loss, optimizer);
      this.update = loop;
      this.executable = loop.evaluate;
      return;
    }
    const { parameters } = model;
    const { backend } = parameters;
    const storages: Record<string, Storage> = {
      parameters: parameters.storage,
      gradients: backend.allocate('real', parameters.spec.elements),
    };
    for (const state of optimizer.states) {
      const storage = backend.allocate('real', parameters.spec.elements);
      const initial = optimizer.initial[state] ?? 0;
      if (initial !== 0) storage.array.fill(initial);
      storage.touch();
      storages[`optimizer.${state}`] = storage;
    }
    this.update = this.executable = backend.load(recordTrainingStep(model, loss, optimizer), storages);
  }

  /** Of the next step: the optimizer's, or, once it has been set, that one. */
  get learningRate(): number {
    return this.givenRate ?? rateAt(this.optimizer.schedule ?? this.optimizer.learningRate, this);
  }

  set learningRate(rate: number) {
    this.givenRate = rate;
  }

  /** The recorded training step, for L-BFGS the evaluation of the loss; prints as a listing. */
  get program() {
    return this.executable.program;
  }

  /** As `Executable.times`. */
  times(): Float64Array {
    return this.executable.times();
  }

  /** What the next step over a batch feeds the program. @throws ERR_DATA where the batch does not fit the model or the loss */
  feeds(batch: Batch): Feeds {
    const { precision } = this.model.parameters.backend;
    const { sizes, values } = bindInput(batch, this.model.input, precision);
    const RealArray = precision === 'float64' ? Float64Array : Float32Array;
    return {
      sizes,
      values: {
        ...values,
        ...bindTargets(batch, this.loss, this.model.output, precision),
        clock: Int32Array.of(this.steps + 1, 0),
        learningRate: RealArray.of(this.learningRate),
      },
    };
  }

  /**
   * One update. Rejects with ERR_NON_FINITE, naming the step, where loss or gradient are not finite, and with the signal's
   * reason where it is aborted in time; the parameters are then what they were, or, in the middle of L-BFGS's steps on the batch,
   * what the last whole one made them.
   */
  async step(batch: Batch, { signal }: { signal?: AbortSignal | undefined } = {}): Promise<StepResult> {
    const step = this.steps + 1;
    const { learningRate } = this;
    const feeds = this.feeds(batch);
    try {
      const results = await this.update.run(feeds, signal ? { signal } : {});
      this.steps = step;
      return { ...readLoss(results, batch, this.loss, this.model), gradientNorm: results.norm![0]!, learningRate };
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_NON_FINITE') throw error;
      throw failure(
        'ERR_NON_FINITE',
        `training step ${step} (batch rows ${batch.rows.subarray(0, 4).join(', ')}…): ${(error as Error).message}; nothing was updated. Lower the learning rate or set clipNorm`,
        error,
      );
    }
  }
}
