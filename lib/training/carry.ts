import type { Feeds, NumberArray, Results } from '../backend/backend.ts';
import type { Batch } from '../data/batches.ts';
import { type Window, type WindowSize, windows } from '../data/windows.ts';
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
 * The model as it is trained on windows of long sequences: it starts from the states that a window before ended with, and
 * gives those that it ends with as results of their names. Where `backward` is longer than `forward` it first goes through the
 * steps before the window, for the gradient alone. Truncated backpropagation through time, Williams & Peng 1990.
 * @throws ERR_ARGUMENT where the model cannot be cut
 */
export function onWindows(model: Trainable, { forward, backward }: WindowSize): Trainable {
  const names = Object.keys(model.inputs);
  if (names.length > 1)
    throw rangeError(
      'ERR_ARGUMENT',
      `train: windows cut one input along time, the model reads ${names.join(' and ')}; train it on whole sequences`,
    );
  const { parameters, inputs, output, layers, carried } = model;
  if (output.kind !== 'sequence' || !carried)
    throw rangeError('ERR_ARGUMENT', 'train: windows need a model that gives one output per token');

  const onWindow = <T>(recording: Recording, record: (stretch: Stretch) => T): T => {
    const states: Record<string, Tensor> = {};
    for (const [state, { size, initial }] of Object.entries(carried)) {
      const over = recording.feed(feedOf(state), ['batch', size]);
      states[state] = initial ? add(over, multiply(recording.feed(firstFeed, [1]), initial.tensor(recording))) : over;
    }
    if (backward > forward) model.record(recording, { layout: pastLayout, states });
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
    record: recording => onWindow(recording, stretch => model.record(recording, stretch)),
    ...(layers && {
      layers,
      recordLayers: recording => onWindow(recording, stretch => model.recordLayers!(recording, stretch)),
    }),
    carried,
  };
}

/** The states of a batch as its windows go by. */
export class Carry {
  private readonly model: Trainable;
  private readonly batch: Batch;
  private readonly size: WindowSize;
  /** How many windows are differentiated through before the current one. */
  private readonly reach: number;
  private current: Window | undefined;
  /** Of the windows done, oldest first, as many as are needed: what they ended with. */
  private readonly ends: Results[] = [];
  private done = 0;

  constructor(model: Trainable, batch: Batch, size: WindowSize) {
    this.model = model;
    this.batch = batch;
    this.size = size;
    this.reach = size.backward / size.forward - 1;
  }

  /** The windows in their order, each to be trained on before the next is asked for. */
  *windows(): Generator<Window, void, undefined> {
    for (const window of windows(this.batch, this.size)) yield (this.current = window);
  }

  /** What the current window feeds beside its input and targets. */
  feeds(): Feeds {
    const { carried, parameters } = this.model;
    const { precision } = parameters.backend;
    const RealArray = precision === 'float64' ? Float64Array : Float32Array;
    const first = this.done <= this.reach;
    const values: Record<string, NumberArray> = { [firstFeed]: RealArray.of(first ? 1 : 0) };
    for (const [state, { size }] of Object.entries(carried!))
      values[feedOf(state)] = first ? new RealArray(this.batch.size * size) : this.ends[0]![feedOf(state)]!;
    if (this.reach === 0) return { sizes: {}, values };
    const past = bindInput(this.current!.past, precision, pastLayout);
    return { sizes: past.sizes, values: { ...values, ...past.values } };
  }

  /** Keeps the states that the current window ended with. */
  take(results: Results): void {
    this.done++;
    this.ends.push(results);
    if (this.ends.length > this.reach + 1) this.ends.shift();
  }
}
