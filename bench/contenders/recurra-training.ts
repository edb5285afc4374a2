import {
  adam,
  type Backend,
  batches,
  bidirectional,
  binaryCrossEntropy,
  crossEntropy,
  dataset,
  dense,
  embedding,
  gru,
  lstm,
  type Model,
  rnn,
  sequential,
  sgd,
  train,
} from '../../lib/index.ts';
import { gradients } from '../../lib/ops/gradients.ts';
import { type RecordingOptions, record } from '../../lib/program/recording.ts';
import { bindInputs, bindTargets, targetFeed } from '../../lib/training/feeds.ts';
import { fingerprint, integers, reals } from '../generate.ts';
import { type Answer, answerSteps } from '../serve.ts';
import type { Workload } from '../workloads.ts';

/** The workload as a user would write it: a model, a dataset, an optimizer, and the loop. */
export interface TrainingTask {
  readonly model: Model;
  readonly loss: ReturnType<typeof crossEntropy>;
  readonly optimizer: ReturnType<typeof adam>;
  readonly data: ReturnType<typeof dataset>;
}

export function trainingTask(workload: Workload, backend: Backend): TrainingTask {
  const { optimizer, clipNorm, task } = workload;
  const options = clipNorm > 0 ? { clipNorm } : {};
  return {
    model: makeModel(workload, backend),
    loss: task === 'language-model' ? crossEntropy() : binaryCrossEntropy(),
    optimizer: optimizer === 'adam' ? adam(options) : sgd({ learningRate: 0.001, ...options }),
    data: makeDataset(workload),
  };
}

/** Training steps on one batch over and over, which was packed before. */
export function trainingEntry(workload: Workload, backend: Backend, numbers: RecordingOptions = {}) {
  const { quantize } = numbers;
  if (quantize === 'int8') throw new RangeError('int8 is for inference');
  const task = trainingTask(workload, backend);
  const { model, loss, optimizer, data } = task;
  const steps = train(model, forever(only(data, workload)), { loss, optimizer, quantize });
  const step = async () => (await steps.next()).value!.loss;
  return {
    step,
    async answer(): Promise<Answer> {
      const tensors = await differentiate(task, workload, numbers);
      const losses: number[] = [];
      for (let count = 0; count < answerSteps; count++) losses.push(await step());
      return { losses, tensors };
    },
  };
}

function makeModel(workload: Workload, backend: Backend): Model {
  const { vocabulary, inputSize, layers, classes } = workload;
  const model = sequential(
    [
      ...(vocabulary > 0 ? [embedding({ vocabulary, size: inputSize })] : []),
      ...Array.from({ length: layers }, (_, index) => recurrentLayer(workload, index)),
      dense({ size: classes }),
    ],
    { backend, ...(vocabulary > 0 ? {} : { inputSize }) },
  );
  for (const { name, values } of model.parameters) {
    const stream = streamOf(name);
    const scale = stream === 'embedding' ? 1 : 1 / Math.sqrt(workload.size);
    values.set(reals(stream, values.length, scale));
  }
  model.parameters.touch();
  return model;
}

function recurrentLayer({ task, cell, reset, size, layers, directions }: Workload, index: number) {
  const output = task === 'language-model' || index + 1 < layers ? 'sequence' : 'last';
  const layer = {
    lstm: () => lstm({ size, output }),
    gru: () => gru({ size, output, reset }),
    rnn: () => rnn({ size, output }),
  };
  return directions === 2 ? bidirectional(layer[cell]()) : layer[cell]();
}

/** The contest's name of a parameter: `lstm_2.bias` is `recurrent1.bias`. */
function streamOf(name: string): string {
  if (name === 'embedding.weight') return 'embedding';
  return name.replace(
    /^(?:lstm|gru|rnn|bidirectional)(?:_(\d+))?\.(?:forward\.)?/,
    (_, count) => `recurrent${(count ?? 1) - 1}.`,
  );
}

/** The contest's data is time-major: element (t, b) of [steps, batch]. */
function makeDataset(workload: Workload) {
  const { task, batch, steps, lengths, vocabulary, inputSize } = workload;
  const cut = <A extends Int32Array | Float32Array>(values: A, width: number): A[] =>
    lengths.map((length, row) => {
      const sequence = values.slice(0, length * width) as A;
      for (let t = 0; t < length; t++)
        sequence.set(values.subarray((t * batch + row) * width, (t * batch + row + 1) * width), t * width);
      return sequence;
    });
  const input =
    vocabulary > 0
      ? { ids: cut(integers('ids', steps * batch, vocabulary), 1) }
      : { sequences: cut(reals('x', steps * batch * inputSize, 1), inputSize), size: inputSize };
  return task === 'language-model'
    ? dataset({ ...input, classes: cut(integers('targets', steps * batch, vocabulary), 1), per: 'token' })
    : dataset({ ...input, classes: integers('targets', batch, 2) });
}

/** The workload's batch. */
export const only = (data: TrainingTask['data'], { batch }: Workload) =>
  batches(data, { batchSize: batch }).next().value!;

/** One batch over and over. */
export function* forever<T>(value: T): Generator<T, void, undefined> {
  for (;;) yield value;
}

/** Fingerprints of the loss's gradient by every parameter. */
async function differentiate({ model, loss, data }: TrainingTask, workload: Workload, numbers: RecordingOptions) {
  const { backend } = model;
  const program = record(
    recording => {
      const logits = model.record(recording);
      const { loss: value } = loss.record(logits, targetFeed(recording, loss, logits));
      const parameters = [...model.parameters];
      const stored = gradients(
        value,
        parameters.map(parameter => parameter.tensor(recording)),
      );
      return Object.fromEntries(stored.map((gradient, index) => [streamOf(parameters[index]!.name), gradient]));
    },
    { mode: 'train', ...numbers },
  );
  const batch = only(data, workload);
  const { sizes, values } = bindInputs(batch, model.inputs, backend.precision);
  const results = await backend
    .load(program, { parameters: model.parameters.storage })
    .run({ sizes, values: { ...values, ...bindTargets(batch, loss, model.output, backend.precision) } });
  return Object.fromEntries(Object.entries(results).map(([name, gradient]) => [name, fingerprint(gradient)]));
}
