import type { Executable, Feeds, Results, RunOptions, Storage } from '../backend/backend.ts';
import { failure, rangeError } from '../errors.ts';
import type { Parameters } from '../layers/parameter.ts';
import type { Loss } from '../losses/loss.ts';
import type { Program } from '../program/program.ts';
import { Recording, type RecordingOptions } from '../program/recording.ts';
import { recordLoss } from './feeds.ts';
import type { Trainable } from './trainable.ts';

/**
 * Weights beside a model's own, for optimizers that learn from losses alone. Whoever reads the model meanwhile sees whole
 * updates only. The loss is the one of training, with its penalties, and with the same dropout for all candidates of a step:
 * masks are drawn by the step. What is frozen has the model's numbers.
 */
export class Candidate {
  /** Computes the loss, and no gradients. */
  readonly evaluate: Executable;
  private readonly parameters: Parameters;
  private readonly storage: Storage;
  /** Where the numbers that are learned lie in the flat storage. */
  private readonly places: Int32Array;
  private readonly adopt: Executable;

  /** @throws ERR_ARGUMENT where every parameter is frozen */
  constructor(model: Trainable, loss: Loss, numbers?: RecordingOptions) {
    const { parameters } = model;
    const { backend, spec } = parameters;
    this.parameters = parameters;
    this.storage = backend.allocate('real', spec.elements);
    this.places = placesOf(parameters);
    if (this.places.length === 0)
      throw rangeError('ERR_ARGUMENT', 'train: every parameter is frozen; there is nothing to learn');
    const recording = new Recording('train', numbers);
    recordLoss(recording, model, loss);
    this.evaluate = backend.load(recording.finish(), { parameters: this.storage });
    const storages = { candidate: this.storage, parameters: parameters.storage };
    this.adopt = backend.load(recordAdoption(parameters), storages);
  }

  /** How many numbers are learned. */
  get size(): number {
    return this.places.length;
  }

  /** The model's weights, as far as they are learned. [size] */
  get current(): Float64Array {
    const { array } = this.parameters;
    return Float64Array.from(this.places, place => array[place]!);
  }

  /** The results of `recordLoss` with these weights, in place of the model's. @param weights [size] */
  measure(weights: ArrayLike<number>, feeds: Feeds, options: RunOptions): Promise<Results> {
    this.write(weights);
    return this.evaluate.run(feeds, options);
  }

  /** As `measure`, with the model's own weights. @throws ERR_NON_FINITE where the loss is not finite: a direction has no start there */
  async measureModel(feeds: Feeds, options: RunOptions): Promise<Results> {
    const results = await this.measure(this.current, feeds, options);
    const loss = results.loss![0]!;
    if (!Number.isFinite(loss)) throw failure('ERR_NON_FINITE', `run: loss is ${loss}; nothing was written`);
    return results;
  }

  /** Makes these weights the model's. @param weights [size] */
  async become(weights: ArrayLike<number>, options: RunOptions): Promise<void> {
    this.write(weights);
    await this.adopt.run({ sizes: {}, values: {} }, options);
  }

  private write(weights: ArrayLike<number>): void {
    const { array } = this.storage;
    array.set(this.parameters.array);
    this.places.forEach((place, k) => {
      array[place] = weights[k]!;
    });
    this.storage.touch();
  }
}

/** A loss to compare by: what is no number is worse than all others. */
export function comparable({ loss }: Results): number {
  const value = loss![0]!;
  return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
}

function placesOf(parameters: Parameters): Int32Array {
  const learned = [...parameters].filter(({ trainable }) => trainable);
  const places = new Int32Array(learned.reduce((sum, { size }) => sum + size, 0));
  let k = 0;
  for (const { offset, size } of learned) for (let place = offset; place < offset + size; place++) places[k++] = place;
  return places;
}

function recordAdoption({ spec, trainableRanges }: Parameters): Program {
  const recording = new Recording('infer');
  for (const { offset, elements } of trainableRanges) {
    const range = (role: 'parameter' | 'state', name: string) =>
      recording.view(role, { storage: { ...spec, name }, offset, shape: [elements], name: `${name}[${offset}…]` });
    recording.update('copy', { x: range('state', 'candidate'), y: range('parameter', 'parameters') }, ['y'], {});
  }
  return recording.finish();
}
