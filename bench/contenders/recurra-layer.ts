import type { Backend, Feeds, NumberArray } from '../../lib/backend/backend.ts';
import { cells } from '../../lib/cells.ts';
import { packLayout } from '../../lib/data/ragged.ts';
import { Parameter, Parameters } from '../../lib/layers/parameter.ts';
import { globalNorm } from '../../lib/ops/global-norm.ts';
import { gradients } from '../../lib/ops/gradients.ts';
import { gru } from '../../lib/ops/gru.ts';
import { lstm } from '../../lib/ops/lstm.ts';
import type { RecurrentInputs, RecurrentOutputs } from '../../lib/ops/recurrent.ts';
import { rnn } from '../../lib/ops/rnn.ts';
import { type Recording, type RecordingOptions, record } from '../../lib/program/recording.ts';
import type { Tensor } from '../../lib/program/tensor.ts';
import { fingerprint, reals } from '../generate.ts';
import { type Answer, answerSteps } from '../serve.ts';
import { tokensOf, type Workload } from '../workloads.ts';
import { writtenLstm } from './written-lstm.ts';

/**
 * One layer forward and backward, as in a model: its input and the gradient that arrives lie in the engine's memory, and the
 * gradients stay there. Each step reads dx once, as the layer below would, and writes a parameter as an optimizer would, so that
 * the weights are packed anew. Like the calls of the other contenders it computes on the calling thread, and on others beside it.
 *
 * `written`: its lstm is the step of a scan. `padded`: every sequence goes on to the last step, over rows of zeros and under gradients of zero, which changes no answer.
 */
export function layerEntry(
  workload: Workload,
  backend: Backend,
  { quantize, padded = false, written = false }: RecordingOptions & { padded?: boolean; written?: boolean } = {},
) {
  const { inputSize, size, batch, steps, inputGradient } = workload;
  const tokens = tokensOf(workload);
  const rows = padded ? paddedRows(workload) : Array.from({ length: tokens }, (_, row) => row);
  const parameters = makeParameters(workload, backend);
  const bias = parameters.get('bias')!;
  const storages = {
    parameters: parameters.storage,
    gradients: backend.allocate('real', parameters.spec.elements),
    bias: backend.allocate('real', bias.size),
  };
  storages.bias.array.set(bias.values);
  const feeds = makeFeeds(padded ? new Array<number>(batch).fill(steps) : workload.lengths, {
    x: placed(reals('x', tokens * inputSize, 1), inputSize, rows),
    dy: placed(reals('dy', tokens * size, 1), size, rows),
  });

  const differentiate = (recording: Recording) => {
    const tensors = tensorsOf(parameters, recording);
    const x = xFeed(workload, recording);
    const dy = recording.feed('dy', [recording.layout('input').tokens, size]);
    const weights = ['inputWeight', 'recurrentWeight', 'bias'] as const;
    const { inputWeight, recurrentWeight, bias } = tensors;
    const { y } = written
      ? writtenLstm({ x, inputWeight: inputWeight!, recurrentWeight: recurrentWeight!, bias })
      : recurrent(workload, x, tensors);
    const wanted = [...weights.map(name => tensors[name]!), ...(inputGradient ? [x] : [])];
    const [dW, dR, db, dx] = gradients([{ of: y, gradient: dy }], wanted);
    return { y, ...(dx && { dx }), weights: { inputWeight: dW!, recurrentWeight: dR!, bias: db! } };
  };
  const answering = record(
    recording => {
      const { y, dx, weights } = differentiate(recording);
      const named = Object.entries(weights).map(([name, gradient]) => [`recurrent0.${name}`, gradient] as const);
      return { y, ...(dx && { x: dx }), ...Object.fromEntries(named) };
    },
    { mode: 'train', quantize },
  );
  const timed = record(
    recording => {
      const { dx, weights } = differentiate(recording);
      for (const [name, gradient] of Object.entries(weights)) {
        const { offset, shape } = parameters.get(name)!;
        recording.store(gradient, {
          storage: { ...parameters.spec, name: 'gradients' },
          offset,
          shape,
          name: `∂${name}`,
        });
      }
      const storage = { name: 'bias', dtype: 'real', elements: bias.size } as const;
      const same = recording.view('state', { storage, offset: 0, shape: bias.shape, name: 'bias' });
      recording.update('copy', { x: same, y: bias.tensor(recording) }, ['y'], {});
      return dx ? { norm: globalNorm([dx]) } : {};
    },
    { mode: 'train', quantize },
  );
  const executable = backend.load(timed, storages);
  const norm = inputGradient ? { norm: inMemoryOf(backend, new Float32Array(1)) } : {};
  const bound = executable.bind({ sizes: feeds.sizes, values: allInMemoryOf(backend, feeds.values) }, norm);
  return {
    executable,
    feeds,
    step: () => bound.run(),
    async answer(): Promise<Answer> {
      const { y, x, ...weights } = await backend.load(answering, { parameters: parameters.storage }).run(feeds);
      const real = [...rows.keys()].filter(at => rows[at]! < tokens);
      return {
        losses: [],
        tensors: fingerprints({
          y: rowsAt(real, y!, size),
          ...(x && { x: rowsAt(real, x, inputSize) }),
          ...weights,
        }),
      };
    },
  };
}

/** The row of x and dy at each step of each sequence; past its length, one behind the last. */
function paddedRows({ batch, steps, lengths }: Workload): number[] {
  const end = lengths.reduce((tokens, length) => tokens + length, 0);
  let next = 0;
  return Array.from({ length: steps * batch }, (_, at) =>
    Math.floor(at / batch) < lengths[at % batch]! ? next++ : end,
  );
}

/** The rows of values at these places; one that there is not is zeros. */
function placed(values: Float32Array, width: number, rows: readonly number[]): Float32Array {
  const to = new Float32Array(rows.length * width);
  rows.forEach((row, at) => void to.set(values.subarray(row * width, (row + 1) * width), at * width));
  return to;
}

function rowsAt(rows: readonly number[], values: ArrayLike<number>, width: number): Float32Array {
  return placed(Float32Array.from(values), width, rows);
}

/** One layer forward: x is copied in, y is copied out. */
export function inferenceEntry(workload: Workload, backend: Backend, numbers: RecordingOptions = {}) {
  const parameters = makeParameters(workload, backend);
  const program = record(
    recording => ({ y: recurrent(workload, xFeed(workload, recording), tensorsOf(parameters, recording)).y }),
    numbers,
  );
  const executable = backend.load(program, { parameters: parameters.storage });
  const feeds = makeFeeds(workload.lengths, { x: reals('x', tokensOf(workload) * workload.inputSize, 1) });
  const step = () => executable.run(feeds);
  return { step, answer: async (): Promise<Answer> => ({ losses: [], tensors: fingerprints(await step()) }) };
}

/** One step of one sequence at once on the calling thread, bound to memory in which the state stays. */
export function streamEntry(workload: Workload, backend: Backend, numbers: RecordingOptions = {}) {
  const { cell, size } = workload;
  const parameters = makeParameters(workload, backend);
  const states = cells[cell].states as readonly ('h' | 'c')[];
  const program = record(recording => {
    const carried = Object.fromEntries(states.map(name => [name, recording.feed(name, ['batch', size])]));
    const { hN, cN } = recurrent(workload, xFeed(workload, recording), {
      ...tensorsOf(parameters, recording),
      ...carried,
    });
    return { hNext: hN, ...(cN ? { cNext: cN } : {}) };
  }, numbers);
  const executable = backend.load(program, { parameters: parameters.storage });
  const { sizes, values } = makeFeeds(workload.lengths, { x: reals('x', workload.inputSize, 1) });
  const shared = allInMemoryOf(backend, values);
  const state = Object.fromEntries(states.map(name => [name, inMemoryOf(backend, new Float32Array(size))]));
  const bound = executable.bind(
    { sizes, values: { ...shared, ...state } },
    Object.fromEntries(states.map(name => [`${name}Next`, state[name]!])),
  );
  const step = () => bound.run();
  return {
    step,
    answer(): Answer {
      for (let count = 0; count < answerSteps; count++) step();
      return { losses: [], tensors: { h: fingerprint(state.h!) } };
    },
  };
}

function allInMemoryOf(backend: Backend, values: Feeds['values']): Feeds['values'] {
  return Object.fromEntries(Object.entries(values).map(([name, array]) => [name, inMemoryOf(backend, array)]));
}

function inMemoryOf(backend: Backend, values: NumberArray): NumberArray {
  const { array } = backend.allocate(values instanceof Int32Array ? 'int32' : 'real', values.length);
  array.set(values);
  return array;
}

function recurrent({ cell, reset }: Workload, x: Tensor, tensors: Readonly<Record<string, Tensor>>): RecurrentOutputs {
  const { inputWeight, recurrentWeight, bias, h, c } = tensors;
  const inputs: RecurrentInputs = { x, inputWeight: inputWeight!, recurrentWeight: recurrentWeight!, bias, h, c };
  const direction = 'forward';
  switch (cell) {
    case 'lstm':
      return lstm(inputs, { direction });
    case 'gru':
      return gru(inputs, { direction, reset, updateGate: 'keep' });
    case 'rnn':
      return rnn(inputs, { direction, activation: 'tanh' });
  }
}

function makeParameters({ cell, inputSize, size }: Workload, backend: Backend): Parameters {
  const columns = cells[cell].gates.length * size;
  const shapes = { inputWeight: [inputSize, columns], recurrentWeight: [size, columns], bias: [columns] };
  const weights = Object.entries(shapes).map(([name, shape]) => {
    const count = shape.reduce((product, extent) => product * extent, 1);
    return new Parameter(name, shape, reals(`recurrent0.${name}`, count, 1 / Math.sqrt(size)));
  });
  return new Parameters(weights, backend);
}

function tensorsOf(parameters: Parameters, recording: Recording): Record<string, Tensor> {
  return Object.fromEntries([...parameters].map(parameter => [parameter.name, parameter.tensor(recording)]));
}

function xFeed({ inputSize }: Workload, recording: Recording): Tensor {
  return recording.feed('x', [recording.layout('input').tokens, inputSize]);
}

function makeFeeds(lengths: readonly number[], values: Feeds['values']): Feeds {
  const { steps, batch, tokens, offsets, order } = packLayout(lengths);
  return {
    sizes: { batch, 'input.steps': steps, 'input.tokens': tokens },
    values: { 'input.offsets': offsets, 'input.order': order, ...values },
  };
}

function fingerprints(results: Readonly<Record<string, ArrayLike<number>>>): Answer['tensors'] {
  return Object.fromEntries(Object.entries(results).map(([name, values]) => [name, fingerprint(values)]));
}
