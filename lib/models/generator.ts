import type { Backend, Executable, Feeds, Results } from '../backend/backend.ts';
import { type Batch, batchOf } from '../data/batches.ts';
import { Dataset } from '../data/dataset.ts';
import { packIds, packLayout } from '../data/ragged.ts';
import { rangeError } from '../errors.ts';
import { layoutOf } from '../layers/input.ts';
import type { Parameters } from '../layers/parameter.ts';
import { argmax } from '../ops/argmax.ts';
import { stepAt } from '../ops/step-at.ts';
import { type Quantization, Recording } from '../program/recording.ts';
import type { Tensor } from '../program/tensor.ts';
import { bindInput, bindInputs } from '../training/feeds.ts';
import type { Network } from './network.ts';
import { type Writing, writingOf } from './writing.ts';

export interface Bounds {
  /** The id that stands before the first one that is written. */
  readonly start: number;
  /** The id that ends a sequence. */
  readonly end: number;
  /** The most ids of a sequence. At least 1. */
  readonly maxLength: number;
}

const stateFeed = (state: string) => `state.${state}`;
const givenFeed = (flow: string) => `given.${flow}`;

/**
 * Writes sequences, at each step the likeliest id, which is read at the next. One program reads the inputs and the first id, another
 * makes one step: of the layers that go along what is written, from the states that the step before ended with.
 */
export class Generator {
  private readonly network: Network;
  private readonly backend: Backend;
  private readonly writing: Writing;
  private readonly first: Executable;
  private readonly next: Executable;

  /** @throws ERR_ARGUMENT as `writingOf` */
  constructor(
    network: Network,
    { backend, storage }: Parameters,
    { quantize }: { readonly quantize?: Quantization | undefined },
  ) {
    this.network = network;
    this.backend = backend;
    this.writing = writingOf(network);
    const load = (record: (recording: Recording) => void) => {
      const recording = new Recording('infer', { quantize });
      record(recording);
      return backend.load(recording.finish(), { parameters: storage });
    };
    this.first = load(recording => this.recordFirst(recording));
    this.next = load(recording => this.recordNext(recording));
  }

  /** The step that is made for every id after the first; prints as a listing. */
  get program() {
    return this.next.program;
  }

  /** What follows `start` in each row, without `end`. @throws ERR_DATA where the data is not of the model's other inputs */
  async run(data: Dataset, { start, end, maxLength }: Bounds): Promise<Int32Array[]> {
    const { input } = this.writing;
    if (data.inputs[input])
      throw rangeError('ERR_DATA', `generate: ${input} is what the model writes; give it its other inputs`);
    const rows = Array.from({ length: data.length }, () => Int32Array.of(start));
    const begun = new Dataset({ ...data.inputs, [input]: { kind: 'ids', size: 1, rows } });
    const batch = batchOf(begun, Int32Array.from(rows.keys()));
    const feeds = bindInputs(batch, this.network.inputs, this.backend.precision);

    const texts = rows.map((): number[] => []);
    let open = [...texts.keys()];
    let results = await this.first.run(feeds);
    while (true) {
      const ids = results.next!;
      open = open.filter(row => ids[row] !== end);
      for (const row of open) texts[row]!.push(ids[row]!);
      open = open.filter(row => texts[row]!.length < maxLength);
      if (open.length === 0) return texts.map(text => Int32Array.from(text));
      results = { ...results, ...(await this.next.run(this.bindNext(feeds, batch, results, open))) };
    }
  }

  private recordFirst(recording: Recording): void {
    const { states, given } = this.writing;
    const values = this.network.recordLayers(recording);
    this.recordChoice(recording, values);
    for (const state of states.keys()) recording.result(stateFeed(state), values.get(state)!);
    for (const flow of given.keys()) recording.result(givenFeed(flow), values.get(flow)!);
  }

  private recordNext(recording: Recording): void {
    const given = new Map<string, Tensor>();
    for (const [name, { kind, size, layout }] of this.writing.given) {
      const rows = kind === 'sequence' ? recording.layout(layoutOf(layout!)).tokens : 'batch';
      given.set(name, recording.feed(givenFeed(name), [rows, size]));
    }
    const states: Record<string, Tensor> = {};
    for (const [state, size] of this.writing.states) states[state] = recording.feed(stateFeed(state), ['batch', size]);
    this.recordChoice(recording, this.network.recordLayers(recording, { states, given }));
    for (const [state, tensor] of Object.entries(states)) recording.result(stateFeed(state), tensor);
  }

  /** The likeliest id of each row's last step: int32 [batch]. */
  private recordChoice(recording: Recording, values: ReadonlyMap<string, Tensor>): void {
    recording.result('next', argmax(stepAt(values.get(this.network.description.output)!, -1)));
  }

  /** One step of the rows that go on; the others have none, and keep their states. */
  private bindNext(feeds: Feeds, { size }: Batch, results: Results, open: readonly number[]): Feeds {
    const steps: number[][] = Array.from({ length: size }, () => []);
    for (const row of open) steps[row]!.push(results.next![row]!);
    const layout = packLayout(steps.map(({ length }) => length));
    const ids = { kind: 'ids', size: 1, layout, values: packIds(steps, layout) } as const;
    const step = bindInput(ids, this.backend.precision, layoutOf(this.writing.input));
    return { sizes: { ...feeds.sizes, ...step.sizes }, values: { ...feeds.values, ...results, ...step.values } };
  }
}
