import type { Executable, Feeds, Storage } from '../backend/backend.ts';
import type { Batch } from '../data/batches.ts';
import { type WindowSize, windowSize } from '../data/windows.ts';
import { failure } from '../errors.ts';
import type { Loss } from '../losses/loss.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import { rateAt } from '../optimizers/schedules/index.ts';
import type { Figures } from '../optimizers/schedules/schedule.ts';
import { Carry, type CarryOptions, goingOn } from './carry.ts';
import { EvolutionStrategy } from './evolution-strategy.ts';
import { type BatchLoss, bindInputs, bindLoss, readLoss } from './feeds.ts';
import { GeneticAlgorithm } from './genetic-algorithm.ts';
import { Lbfgs } from './lbfgs.ts';
import type { Trainable } from './trainable.ts';
import { recordTrainingStep } from './training-step.ts';

/** What one training step reports; the loss is the one before the update. */
export interface StepResult extends BatchLoss {
  /** L2 norm of all gradients together, before clipping; that of an estimate in evolution strategies, 0 in genetic algorithms. */
  readonly gradientNorm: number;
  readonly learningRate: number;
}

export interface TrainerOptions {
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  /**
   * Trains on windows of time: an update after so many steps, differentiated through as many, or, `{ forward, backward }`,
   * through more, a multiple. States go from each window of a batch to the next, gradients do not. For models with one output
   * per token whose layers all read forward. Default: whole sequences. Williams & Peng 1990.
   */
  readonly window?: number | WindowSize | undefined;
  /**
   * Each batch starts from the states that the one before it ended with, row i from those of row i, as in Keras's `stateful`;
   * every epoch begins anew. The gradient stops where a batch begins. For models whose layers all read forward, and for batches of
   * as many rows each, in an order that stays. Default false: every batch starts from initial states.
   */
  readonly carry?: boolean | undefined;
  /**
   * 'bfloat16' rounds what recurrent layers multiply, forward and backward: weights, inputs, states and gradients, to 8 bits of
   * significand. Weights, sums and updates stay float32. Faster where the processor multiplies bfloat16. Default: nothing is rounded.
   */
  readonly quantize?: 'bfloat16' | undefined;
}

interface StepOptions {
  readonly signal?: AbortSignal | undefined;
  /** Of a trainer whose batches or windows go on from each other: their states. */
  readonly carry?: Carry | undefined;
}

/** Optimizers that are no part of a program but loops over one, which evaluates the loss. */
const loops: Readonly<Record<string, typeof Lbfgs | typeof GeneticAlgorithm | typeof EvolutionStrategy>> = {
  lbfgs: Lbfgs,
  geneticAlgorithm: GeneticAlgorithm,
  evolutionStrategy: EvolutionStrategy,
};

/** A model with a loss and an optimizer: one program that computes the gradients and updates the parameters; for some, a loop. */
export class Trainer {
  readonly model: Trainable;
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  private readonly carried: CarryOptions;
  /** Steps done. */
  steps = 0;
  /** What the epochs done came to; `fit` adds them. Schedules go by these two. */
  readonly epochs: Figures[] = [];
  /** What the optimizer remembers, by the names of its `states`. Once written to, and `steps` set, it goes on from there. */
  readonly states: Readonly<Record<string, Storage>>;
  private givenRate: number | undefined;
  private readonly executable: Executable;
  private readonly update: Pick<Executable, 'run'>;

  constructor(trained: Trainable, { loss, optimizer, window: size, carry = false, quantize }: TrainerOptions) {
    const window = size === undefined ? undefined : windowSize('train', size);
    this.carried = { window, acrossBatches: carry };
    const model = window || carry ? goingOn(trained, window) : trained;
    this.model = model;
    this.loss = loss;
    this.optimizer = optimizer;
    const Loop = loops[optimizer.name];
    if (Loop) {
      const loop = new Loop(model, loss, optimizer, { quantize });
      this.update = loop;
      this.executable = loop.evaluate;
      this.states = loop.states;
      return;
    }
    const { parameters } = model;
    const { backend } = parameters;
    const storages: Record<string, Storage> = {
      parameters: parameters.storage,
      gradients: backend.allocate('real', parameters.spec.elements),
    };
    const states: Record<string, Storage> = {};
    for (const state of optimizer.states) {
      const storage = backend.allocate('real', parameters.spec.elements);
      const initial = optimizer.initial[state] ?? 0;
      if (initial !== 0) storage.array.fill(initial);
      storage.touch();
      states[state] = storages[`optimizer.${state}`] = storage;
    }
    this.states = states;
    this.update = this.executable = backend.load(recordTrainingStep(model, loss, optimizer, { quantize }), storages);
  }

  /** Of the next step: the optimizer's, or, once it has been set, that one. */
  get learningRate(): number {
    return this.givenRate ?? rateAt(this.optimizer.schedule ?? this.optimizer.learningRate, this);
  }

  set learningRate(rate: number) {
    this.givenRate = rate;
  }

  /** The recorded training step, or, where the optimizer is a loop, the evaluation of the loss; prints as a listing. */
  get program() {
    return this.executable.program;
  }

  /** The states of one pass over batches; none where each of them is whole and for itself. */
  carry(): Carry | undefined {
    const { window, acrossBatches } = this.carried;
    return window || acrossBatches ? new Carry(this.model, this.carried) : undefined;
  }

  /** As `Executable.times`. */
  times(): Float64Array {
    return this.executable.times();
  }

  /** What the next step over a batch feeds the program. @throws ERR_DATA where the batch does not fit the model or the loss */
  feeds(batch: Batch, carry?: Carry): Feeds {
    const { precision } = this.model.parameters.backend;
    const { sizes, values } = bindInputs(batch, this.model.inputs, precision);
    const carried = carry?.feeds();
    const RealArray = precision === 'float64' ? Float64Array : Float32Array;
    return {
      sizes: { ...sizes, ...carried?.sizes },
      values: {
        ...values,
        ...carried?.values,
        ...bindLoss(batch, this.loss, this.model, precision),
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
  async step(batch: Batch, { signal, carry }: StepOptions = {}): Promise<StepResult> {
    const step = this.steps + 1;
    const { learningRate } = this;
    const feeds = this.feeds(batch, carry);
    try {
      const results = await this.update.run(feeds, signal ? { signal } : {});
      this.steps = step;
      carry?.take(results);
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
