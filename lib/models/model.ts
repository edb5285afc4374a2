import type { Backend, NumberArray } from '../backend/backend.ts';
import { defaultBackend } from '../backend/index.ts';
import { batches } from '../data/batches.ts';
import { type Dataset, dataset, type InputRows } from '../data/dataset.ts';
import { rangeError } from '../errors.ts';
import type { Activation } from '../layers/activation.ts';
import { type CarriedState, type Flow, wholeNumbers } from '../layers/layer.ts';
import { type Parameter, Parameters } from '../layers/parameter.ts';
import type { Loss } from '../losses/loss.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import { type Quantization, Recording } from '../program/recording.ts';
import type { Tensor } from '../program/tensor.ts';
import type { Encoder } from '../text/encoder.ts';
import { type Evaluation, Evaluator } from '../training/evaluator.ts';
import { lossFor } from '../training/feeds.ts';
import { type FitOptions, fit } from '../training/fit.ts';
import type { History } from '../training/history.ts';
import type { Stretch, Trainable } from '../training/trainable.ts';
import { type Bounds, Generator } from './generator.ts';
import { save } from './model-file.ts';
import { Network, type NetworkDescription } from './network.ts';
import { Predictor } from './predictor.ts';
import { type SummaryOptions, summary } from './summary.ts';

export interface ModelOptions {
  /** Keys initial weights and dropout masks; a whole number in [0, 2³²). Default 0. */
  readonly seed?: number;
  /** Default: native, or WebAssembly or JavaScript where there is no native build. */
  readonly backend?: Backend;
  /** Features of the input, where the first layer is no embedding. */
  readonly inputSize?: number;
  /** What the input is, where the first layer does not tell: sequences of vectors, or one vector per row. */
  readonly input?: 'sequence' | 'vector';
}

/** How a model was last trained; kept in its file. */
export interface TrainingSetup {
  readonly loss: Loss;
  readonly optimizer: Optimizer;
}

/** What a text classifier says about a text. */
export interface Prediction {
  readonly label: string;
  /** Probability of each label; they sum to 1. */
  readonly probabilities: Readonly<Record<string, number>>;
}

export interface InferenceOptions {
  /**
   * Rounds what recurrent layers multiply, weights and inputs: 'bfloat16' reads half the memory and loses hardly anything;
   * 'int8' a quarter, measure what it loses with `evaluate`. States, sums, layers that run as a scan and all other layers stay
   * float32, and so do the weights that the model keeps. Default: nothing is rounded.
   */
  readonly quantize?: Quantization | undefined;
}

export interface PredictOptions extends InferenceOptions {
  /** What is asked for: a layer or a part of one, by its name in the graph (`'stars'`, `'lstm.h'`). Default: the model's output. */
  readonly of?: string;
}

/** From where to where the model writes. */
export interface GenerateOptions extends InferenceOptions, Bounds {}

export interface EvaluateOptions extends InferenceOptions {
  /** Default: the one the model was trained with. */
  readonly loss?: Loss | undefined;
  /** Rows at a time. Default 128. */
  readonly batchSize?: number;
  readonly signal?: AbortSignal;
}

const inferenceBatch = 128;

/** A network with its weights: what one trains, asks, saves. Made by `sequential`, `graph` and `load`. */
export class Model implements Trainable {
  readonly network: Network;
  readonly parameters: Parameters;
  /** Turns text into ids and classes into labels; set by `fit` from the dataset, kept in the model's file. */
  encoder: Encoder | undefined;
  /** How it was last trained. */
  training: TrainingSetup | undefined;
  readonly #predictors = new Map<string, Predictor>();
  readonly #evaluators = new Map<string, Evaluator>();
  readonly #generators = new Map<string, Generator>();

  constructor(description: NetworkDescription, { backend = defaultBackend() }: { readonly backend?: Backend } = {}) {
    this.network = new Network(description);
    this.parameters = new Parameters(this.network.parameters, backend);
  }

  /** What the model reads: by name, or, where it has one input without a name, as `input`. */
  get inputs(): Readonly<Record<string, Flow>> {
    return this.network.inputs;
  }

  /** The first of `inputs`; mostly there is no other. */
  get input(): Flow {
    return Object.values(this.inputs)[0]!;
  }

  /** What the model gives before any activation of the loss. */
  get output(): Flow {
    return this.network.output;
  }

  get backend(): Backend {
    return this.parameters.backend;
  }

  /** A parameter by its name (`lstm.recurrentWeight`), as `summary` and the file name it. */
  parameter(name: string): Parameter | undefined {
    return this.parameters.get(name);
  }

  record(recording: Recording, stretch?: Stretch): Tensor {
    return this.network.record(recording, stretch);
  }

  get layers(): ReadonlyMap<string, Flow> {
    return this.network.flows;
  }

  recordLayers(recording: Recording, stretch?: Stretch): ReadonlyMap<string, Tensor> {
    return this.network.recordLayers(recording, stretch);
  }

  get carried(): Readonly<Record<string, CarriedState>> {
    return this.network.carried;
  }

  /** Trains for some epochs, off the event loop. `for await (const step of train(model, …))` is the loop beneath. */
  async fit(data: Dataset, options: FitOptions): Promise<History> {
    this.encoder = data.encoder ?? this.encoder;
    this.training = { loss: options.loss, optimizer: options.optimizer };
    return fit(this, data, options);
  }

  /** Mean loss and accuracy over a dataset. */
  async evaluate(
    data: Dataset,
    { loss = this.training?.loss, batchSize = inferenceBatch, signal, quantize }: EvaluateOptions = {},
  ): Promise<Evaluation> {
    if (!loss)
      throw rangeError('ERR_ARGUMENT', 'evaluate: the model was not trained here; say with which loss to measure');
    const measured = lossFor(loss, data);
    const key = JSON.stringify([measured, quantize]);
    let evaluator = this.#evaluators.get(key);
    if (!evaluator) this.#evaluators.set(key, (evaluator = new Evaluator(this, measured, { quantize })));
    return evaluator.run(batches(data, { batchSize }), { signal });
  }

  /**
   * What the model says. Texts (for a model with an encoder) → a label with probabilities each. Other inputs, as `dataset`
   * takes them → outputs each, as probabilities where the model was trained as a classifier: [size], or [length, size].
   */
  async predict(texts: readonly string[], options?: InferenceOptions): Promise<Prediction[]>;
  async predict(inputs: InputRows, options?: PredictOptions): Promise<NumberArray[]>;
  async predict(
    inputs: InputRows | readonly string[],
    options: PredictOptions = {},
  ): Promise<Prediction[] | NumberArray[]> {
    if (Array.isArray(inputs)) {
      const encoder = this.encoder;
      if (!encoder)
        throw rangeError(
          'ERR_ARGUMENT',
          'predict: the model has no tokenizer; give it token ids, or train it on a text dataset',
        );
      const outputs = await this.outputs({ ids: inputs.map(text => encoder.encode(text)) }, options);
      return outputs.map(output => toPrediction(output, encoder.labels));
    }
    return this.outputs(inputs as InputRows, options);
  }

  /**
   * What a model that was taught what comes next writes for each row: from `start` on, at each step the likeliest id, which it reads
   * at the next, up to `end`, which is left out, or `maxLength` ids. The written input is that along which its output goes; `inputs`
   * are its others. Each is read once, then every id costs one step of the layers along what is written.
   * @throws ERR_ARGUMENT where a layer along it needs it as a whole, such as a bidirectional one
   */
  async generate(inputs: InputRows, { quantize, ...bounds }: GenerateOptions): Promise<Int32Array[]> {
    const { start, end, maxLength } = bounds;
    wholeNumbers('generate', { maxLength });
    for (const [name, id] of Object.entries({ start, end }))
      if (!Number.isInteger(id) || id < 0)
        throw rangeError('ERR_ARGUMENT', `generate: ${name} must be an id, a whole number from 0, got ${id}`);
    const key = String(quantize);
    let generator = this.#generators.get(key);
    if (!generator) this.#generators.set(key, (generator = new Generator(this.network, this.parameters, { quantize })));
    const data = dataset(inputs);
    const texts: Int32Array[] = [];
    for (let row = 0; row < data.length; row += inferenceBatch)
      texts.push(...(await generator.run(data.slice(row, row + inferenceBatch), bounds)));
    return texts;
  }

  /** Layers, what each gives, parameter counts. @throws ERR_ARGUMENT for a notation that there is not */
  summary(options?: SummaryOptions): string {
    return summary(this.network, options);
  }

  /** Writes weights, network, encoder and training set-up as one file, atomically; safe while the model trains. */
  async save(path: string): Promise<void> {
    await save(this, path);
  }

  /** A model of its own with this moment's weights: serve from it while this one trains. */
  async snapshot(): Promise<Model> {
    const copy = new Model(this.network.description, { backend: this.backend });
    const { spec } = this.parameters;
    const recording = new Recording('infer');
    const view = (name: string) =>
      recording.view('parameter', { storage: { ...spec, name }, offset: 0, shape: [spec.elements], name });
    recording.update('copy', { x: view('parameters'), y: view('snapshot') }, ['y'], {});
    const executable = this.backend.load(recording.finish(), {
      parameters: this.parameters.storage,
      snapshot: copy.parameters.storage,
    });
    await executable.run({ sizes: {}, values: {} });
    copy.encoder = this.encoder;
    copy.training = this.training;
    return copy;
  }

  private async outputs(inputs: InputRows, options: PredictOptions): Promise<NumberArray[]> {
    const { of = this.network.description.output, quantize } = options;
    const activation = this.activationOf(of);
    const key = JSON.stringify([of, activation, quantize]);
    let predictor = this.#predictors.get(key);
    if (!predictor)
      this.#predictors.set(key, (predictor = new Predictor(this.withOutput(of), activation, { quantize })));
    const results: NumberArray[] = [];
    for (const batch of batches(dataset(inputs), { batchSize: inferenceBatch }))
      results.push(...(await predictor.run(batch)));
    return results;
  }

  /** What turns a layer's output into what users read: the activation of the loss that it was trained with. */
  private activationOf(layer: string): Activation {
    const { loss } = this.training ?? {};
    const own = loss?.heads?.[layer]?.loss ?? (layer === this.network.description.output ? loss : undefined);
    return own?.activation ?? 'linear';
  }

  /** This model, of which another layer is the output. */
  private withOutput(layer: string): Trainable {
    const output = this.layers.get(layer);
    if (output?.kind !== 'sequence' && output?.kind !== 'vector')
      throw rangeError(
        'ERR_ARGUMENT',
        `predict: the model has no layer ${layer} that gives vectors; it has ${[...this.layers.keys()].join(', ')}`,
      );
    const { parameters, inputs } = this;
    return {
      parameters,
      inputs,
      output,
      record: recording => this.recordLayers(recording).get(layer)!,
      save: path => this.save(path),
    };
  }
}

/** One output is the probability of the second of two labels; several are one per label. */
function toPrediction(output: NumberArray, labels: readonly string[]): Prediction {
  const probabilities = output.length === 1 ? [1 - output[0]!, output[0]!] : [...output];
  const best = probabilities.indexOf(Math.max(...probabilities));
  return {
    label: labels[best]!,
    probabilities: Object.fromEntries(labels.map((label, index) => [label, probabilities[index]!])),
  };
}
