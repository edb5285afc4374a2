import type { Feeds, NumberArray, Results } from '../backend/backend.ts';
import type { Batch, BatchInput } from '../data/batches.ts';
import { type WindowSize, windows } from '../data/windows.ts';
import { rangeError } from '../errors.ts';
import { layoutOf } from '../layers/input.ts';
import { add } from '../ops/add.ts';
import { multiply } from '../ops/multiply.ts';
import type { Recording } from '../program/recording.ts';
import type { Tensor } from '../program/tensor.ts';
import { bindInput } from './feeds.ts';
import type { Stretch, Trainable } from './trainable.ts';

const pastLayout = 'past';
const feedOf = (state: string) => `carried.${state}`;
const firstFeed = 'carried.first';

/**
 * The model as it is trained on parts of long sequences, windows or whole batches: it starts from the states that the part before
 * ended with, and gives those that it ends with as results of their names. Where `backward` is longer than `forward` it first goes
 * through the steps before the window, for the gradient alone. Truncated backpropagation through time, Williams & Peng 1990.
 * @throws ERR_ARGUMENT where the model cannot be cut
 */
export function goingOn(model: Trainable, window: WindowSize | undefined): Trainable {
  const names = Object.keys(model.inputs);
  if (names.length > 1)
    throw rangeError(
      'ERR_ARGUMENT',
      `train: windows and carry go along one input, the model reads ${names.join(' and ')}; train it on whole sequences`,
    );
  const { parameters, inputs, output, layers, carried } = model;
  if (window && output.kind !== 'sequence')
    throw rangeError('ERR_ARGUMENT', 'train: windows need a model that gives one output per token');
  if (!carried) throw rangeError('ERR_ARGUMENT', 'train: windows and carry need a model that names its states');

  const goOn = <T>(recording: Recording, record: (stretch: Stretch) => T): T => {
    const states: Record<string, Tensor> = {};
    for (const [state, { size, initial }] of Object.entries(carried)) {
      const over = recording.feed(feedOf(state), ['batch', size]);
      states[state] = initial ? add(over, multiply(recording.feed(firstFeed, [1]), initial.tensor(recording))) : over;
    }
    if (window && window.backward > window.forward) model.record(recording, { layout: pastLayout, states });
    recording.penalties.length = 0; // those of the past were counted in its own window
    const recorded = record({ layout: layoutOf(names[0]!), states });
    for (const [state, tensor] of Object.entries(states)) recording.result(feedOf(state), tensor);
    return recorded;
  };
  return {
    parameters,
    inputs,
    output,
    save: path => model.save(path),
    record: recording => goOn(recording, stretch => model.record(recording, stretch)),
    ...(layers && {
      layers,
      recordLayers: recording => goOn(recording, stretch => model.recordLayers!(recording, stretch)),
    }),
    carried,
  };
}

/** What states go over, beside from step to step. */
export interface CarryOptions {
  /** The size of windows that batches are cut into; none: they are left whole. */
  readonly window: WindowSize | undefined;
  /** From each batch to the next, row by row. */
  readonly acrossBatches: boolean;
}

/** The states of batches as they, and their windows, go by. */
export class Carry {
  private readonly model: Trainable;
  private readonly options: CarryOptions;
  /** How many windows are differentiated through before the current one. */
  private readonly reach: number;
  private rows: number | undefined;
  private past: BatchInput | undefined;
  /** What the current batch starts from; nothing: initial states. */
  private start: Results | undefined;
  /** Of the windows of the batch that are done, oldest first, as many as are needed: what they ended with. */
  private readonly ends: Results[] = [];
  private done = 0;

  constructor(model: Trainable, options: CarryOptions) {
    const { window } = options;
    this.model = model;
    this.options = options;
    this.reach = window ? window.backward / window.forward - 1 : 0;
  }

  /**
   * The windows of the next batch in their order, each to be trained on before the next is asked for.
   * @throws ERR_ARGUMENT where states of other rows than it has would go on in it
   */
  *windows(batch: Batch): Generator<Batch, void, undefined> {
    const { window, acrossBatches } = this.options;
    if (acrossBatches && this.rows !== undefined && this.rows !== batch.size)
      throw rangeError(
        'ERR_ARGUMENT',
        `train: with carry row i of a batch goes on in row i of the next; this one has ${batch.size} rows, those before it ${this.rows}. Leave it out (dropLast), or choose a batchSize that divides the rows`,
      );
    this.rows = batch.size;
    this.start = acrossBatches ? (this.ends.at(-1) ?? this.start) : undefined;
    this.ends.length = 0;
    this.done = 0;
    if (!window) yield batch;
    else
      for (const { past, ...part } of windows(batch, window)) {
        this.past = past;
        yield part;
      }
  }

  /** What the current window feeds beside its input and targets. */
  feeds(): Feeds {
    const { carried, parameters } = this.model;
    const { precision } = parameters.backend;
    const RealArray = precision === 'float64' ? Float64Array : Float32Array;
    const rows = this.rows!;
    const from = this.done <= this.reach ? this.start : this.ends[0];
    const values: Record<string, NumberArray> = { [firstFeed]: RealArray.of(from ? 0 : 1) };
    for (const [state, { size }] of Object.entries(carried!))
      values[feedOf(state)] = from?.[feedOf(state)] ?? new RealArray(rows * size);
    if (this.reach === 0) return { sizes: {}, values };
    const past = bindInput(this.past!, precision, pastLayout);
    return { sizes: past.sizes, values: { ...values, ...past.values } };
  }

  /** Keeps the states that the current window ended with. */
  take(results: Results): void {
    this.done++;
    this.ends.push(results);
    if (this.ends.length > this.reach + 1) this.ends.shift();
  }
}
