import { dropout } from '../ops/dropout.ts';
import { gradients } from '../ops/gradients.ts';
import { gru } from '../ops/gru.ts';
import { lstm } from '../ops/lstm.ts';
import { matmul } from '../ops/matmul.ts';
import { rnn } from '../ops/rnn.ts';
import { softmax } from '../ops/softmax.ts';
import { softmaxCrossEntropy } from '../ops/softmax-cross-entropy.ts';
import type { Program } from '../program/program.ts';
import { type Recording, record } from '../program/recording.ts';
import { elementCount, resolveShape } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';
import { Random } from '../random/random.ts';
import type { Backend, NumberArray } from './backend.ts';
import { js } from './js-backend.ts';

const size = 17; // a block of 16 units, and one more
const classes = 3;
const sizes = { 'x.steps': 3, 'x.tokens': 5, batch: 2 }; // sequences of 2 steps and of 3

/** Feeds that are not just any numbers. */
const given: Readonly<Record<string, NumberArray>> = {
  'x.offsets': Int32Array.of(0, 2, 4),
  'x.order': Int32Array.of(1, 0),
  targets: Int32Array.of(2, 0, 1, 1, 0),
  clock: Int32Array.of(1, 0),
};

/** Of the largest number of an array. Rounding stays far below it. */
const tolerance = 1e-4;

/**
 * Trains a small network for one step on the backend and on the js backend: milliseconds, on the calling thread.
 * @returns where the numbers first part, in words; undefined where they agree
 */
export function selfTest(backend: Backend): string | undefined {
  const program = record(trainingStep, { mode: 'train' });
  const actual = outcomeOn(backend, program);
  for (const [name, expected] of Object.entries(outcomeOn(js(), program))) {
    const allowed = tolerance * Math.max(...expected.map(Math.abs));
    for (const [index, number] of expected.entries()) {
      const got = actual[name]![index]!;
      if (!(Math.abs(got - number) <= allowed)) return `${name} came to ${got} instead of ${number}`;
    }
  }
  return undefined;
}

/** Every kind of kernel once; its results, in the order of the data, are called after the kernels that they come from. */
function trainingStep(r: Recording): Record<string, Tensor> {
  const weight = (name: string, columns: number) => r.feed(name, [size, columns]);
  const stored = (role: 'parameter' | 'state', name: string) => {
    const shape = [size, 4 * size] as const;
    return r.view(role, { name, shape, offset: 0, storage: { name, dtype: 'real', elements: size * 4 * size } });
  };
  const parameters = stored('parameter', 'adam');
  const direction = 'forward';

  const x = r.feed('x', [r.layout('x').tokens, size]);
  const dropped = dropout(x, { rate: 0.25, seed: 7, layer: 1 });
  const first = lstm({ x: dropped, inputWeight: weight('W1', 4 * size), recurrentWeight: parameters }, { direction });
  const second = gru(
    { x: first.y, inputWeight: weight('W2', 3 * size), recurrentWeight: weight('R2', 3 * size) },
    { direction, reset: 'after', updateGate: 'keep' },
  );
  const third = rnn(
    { x: second.y, inputWeight: weight('W3', size), recurrentWeight: weight('R3', size) },
    { direction, activation: 'tanh' },
  );
  const logits = matmul(third.y, weight('W4', classes));
  const { loss } = softmaxCrossEntropy(logits, r.feed('targets', ['x.tokens'], 'int32'));
  const [gradient, dx] = gradients(loss, [parameters, x]);
  r.update(
    'adam',
    {
      parameters,
      gradients: gradient!,
      m: stored('state', 'adam m'),
      v: stored('state', 'adam v'),
      learningRate: r.feed('learningRate', []),
      clock: r.clock,
    },
    ['parameters', 'm', 'v'],
    {
      clipNorm: 0,
      clipValue: 0,
      weightDecay: 0,
      maximize: false,
      beta1: 0.9,
      beta2: 0.99,
      epsilon: 0.1,
      decoupled: false,
    },
  );
  return {
    dropout: dropped,
    lstm: first.y,
    gru: second.y,
    rnn: third.y,
    matmul: logits,
    softmax: softmax(logits),
    loss,
    gradient: dx!,
  };
}

/** Results, then storages, after a run over numbers that are the same on every backend. */
function outcomeOn(backend: Backend, program: Program): Record<string, number[]> {
  const random = new Random(1);
  const draw = (elements: number) => Float32Array.from({ length: elements }, () => random.uniform() - 0.5);
  const storages = Object.fromEntries(
    program.storages.map(({ name, dtype, elements }) => [name, backend.allocate(dtype, elements)]),
  );
  storages.adam!.array.set(draw(storages.adam!.array.length));
  storages.adam!.touch();
  const feeds = program.buffers.filter(({ role }) => role === 'feed');
  const values = Object.fromEntries(
    feeds.map(({ name, shape }) => [name, given[name] ?? draw(elementCount(resolveShape(shape, sizes)))]),
  );
  const results = backend.load(program, storages).runSync({ sizes, values });
  const outcome = {
    ...results,
    ...Object.fromEntries(Object.entries(storages).map(([name, { array }]) => [name, array])),
  };
  return Object.fromEntries(Object.entries(outcome).map(([name, array]) => [name, Array.from(array)]));
}
