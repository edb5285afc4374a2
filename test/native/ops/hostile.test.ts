import { expect } from 'chai';
import type { NumberArray } from '../../../lib/backend/backend.ts';
import { addon } from '../../../lib/backend/load.ts';
import { native } from '../../../lib/backend/native-backend.ts';
import { errorCodes } from '../../../lib/errors.ts';
import { type Attributes, type BufferSpec, Program } from '../../../lib/program/program.ts';
import { type DType, elementCount } from '../../../lib/program/shape.ts';
import { Numbers } from '../../backend/conformance/numbers.ts';

/** A buffer as an honest program has it. */
interface Honest {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly values?: readonly number[];
}
type Slots = Readonly<Record<string, Honest>>;

interface Operation {
  readonly inputs: Slots;
  readonly outputs: Slots;
  readonly attributes?: Attributes;
  /** Inputs that are outputs too, in storage. */
  readonly updated?: Slots;
}

const real = (...shape: readonly number[]): Honest => ({ dtype: 'real', shape });
const integers = (...values: readonly number[]): Honest => ({ dtype: 'int32', shape: [values.length], values });

const map: Operation = { inputs: { x: real(4, 3) }, outputs: { y: real(4, 3) } };
const binary: Operation = { inputs: { a: real(4, 1), b: real(2, 1, 3) }, outputs: { y: real(2, 4, 3) } };
const ids = integers(1, 4, 1, 0);
const layout = { offsets: integers(0, 3, 5), order: integers(2, 0, 3, 1) }; // lengths 3, 2, 1, 0
const targets = integers(0, 2, 1, 1);
const scores = { logits: real(4, 3), targets, weights: real(3) };
const binaryScores = { logits: real(4, 3), targets: real(4, 3), positiveWeight: real(3), weights: real(4, 3) };
const compared = { query: real(4, 2, 3), keys: real(4, 5, 3), v: real(3), lengths: integers(5, 0, 2, 1) };
const over = (axis: number, all: boolean, ...shape: readonly number[]): Operation => ({
  inputs: { x: real(4, 3) },
  outputs: { y: real(...shape) },
  attributes: { axis, all, keep: false },
});
const update = (states: readonly string[], attributes: Attributes): Operation => ({
  inputs: { gradients: real(40), learningRate: real(), clock: integers(1, 0), norm: real() },
  outputs: {},
  updated: Object.fromEntries(['parameters', ...states].map(name => [name, real(40)])),
  attributes: { clipNorm: 1, clipValue: 1, weightDecay: 0.1, maximize: false, ...attributes },
});
const updateOfRows = (states: readonly string[], attributes: Attributes): Operation => {
  const { inputs, outputs, ...others } = update(states, attributes);
  const { gradients: _, ...shared } = inputs;
  return {
    ...others,
    inputs: { ...shared, rows0: real(4, 3), at0: integers(3, 0, -1, -1), rows1: real(2, 3), at1: integers(4, 1) },
    outputs,
    updated: Object.fromEntries(['parameters', ...states].map(name => [name, real(5, 3)])),
  };
};
const softmaxLoss = (reduction: string, ...loss: readonly number[]): [string, Operation][] => [
  [
    'softmaxCrossEntropy',
    {
      inputs: scores,
      outputs: { loss: real(...loss), total: real(), logSumExp: real(4) },
      attributes: { reduction, smoothing: 0.1, ignore: 2 },
    },
  ],
  [
    'softmaxCrossEntropyGradient',
    {
      inputs: { ...scores, logSumExp: real(4), total: real(), dLoss: real(...loss) },
      outputs: { logits: real(4, 3) },
      attributes: { reduction, smoothing: 0.1, ignore: 2 },
    },
  ],
];
const ctcLoss = (reduction: string, ...loss: readonly number[]): [string, Operation][] => {
  const inputs = { logits: real(6, 5), labels: integers(0, 4, 1, 0), labelLengths: integers(1, 0, 3, 0), ...layout };
  const attributes = { reduction, blank: 2, impossible: 'zero' };
  return [
    ['ctc', { inputs, outputs: { loss: real(...loss) }, attributes }],
    ['ctcGradient', { inputs: { ...inputs, dLoss: real(...loss) }, outputs: { logits: real(6, 5) }, attributes }],
  ];
};
const binaryLoss = (reduction: string, ...loss: readonly number[]): [string, Operation][] => [
  ['binaryCrossEntropy', { inputs: binaryScores, outputs: { loss: real(...loss) }, attributes: { reduction } }],
  [
    'binaryCrossEntropyGradient',
    { inputs: { ...binaryScores, dLoss: real(...loss) }, outputs: { logits: real(4, 3) }, attributes: { reduction } },
  ],
];

const operations: readonly (readonly [string, Operation])[] = [
  ...['exp', 'log', 'positive', 'relu', 'sigmoid', 'sqrt', 'square', 'tanh', 'softmax', 'copy', 'reshape'].map(
    (name): [string, Operation] => [name, map],
  ),
  ...['add', 'subtract', 'multiply', 'divide'].map((name): [string, Operation] => [name, binary]),
  ['softmax', { ...map, inputs: { x: real(4, 3), lengths: integers(3, 0, 2, 1) } }],
  [
    'batchMatmul',
    {
      inputs: { a: real(2, 4, 3), b: real(2, 5, 3) },
      outputs: { y: real(2, 4, 5) },
      attributes: { transposeA: false, transposeB: true },
    },
  ],
  ['additiveScores', { inputs: compared, outputs: { scores: real(4, 2, 5) } }],
  [
    'additiveScoresGradient',
    {
      inputs: { ...compared, dScores: real(4, 2, 5) },
      outputs: { query: real(4, 2, 3), keys: real(4, 5, 3), v: real(4, 3) },
    },
  ],
  ['scale', { ...map, attributes: { factor: 2, shift: 1 } }],
  ['fill', { inputs: {}, outputs: { y: real(3) }, attributes: { value: 3 } }],
  ['sum', over(1, false, 4)],
  ['sum', over(0, true)],
  ['mean', over(0, false, 3)],
  ['sumTo', { inputs: { x: real(2, 4, 3) }, outputs: { y: real(4, 1) } }],
  ['broadcast', { inputs: { x: real(4, 1) }, outputs: { y: real(2, 4, 3) } }],
  ['concat', { inputs: { x0: real(4, 2), x1: real(4, 1) }, outputs: { y: real(4, 3) }, attributes: { axis: 1 } }],
  [
    'concat',
    { inputs: { x0: ids, x1: targets }, outputs: { y: integers(0, 0, 0, 0, 0, 0, 0, 0) }, attributes: { axis: 0 } },
  ],
  ['slice', { inputs: { x: real(4, 3) }, outputs: { y: real(4, 2) }, attributes: { axis: 1, start: 1, stop: 3 } }],
  ['pad', { inputs: { x: real(4, 3) }, outputs: { y: real(4, 6) }, attributes: { axis: 1, before: 1, after: 2 } }],
  ['gather', { inputs: { table: real(5, 3), ids }, outputs: { y: real(4, 3) }, attributes: { ignore: -1 } }],
  ['scatterAdd', { inputs: { x: real(4, 3), ids }, outputs: { y: real(5, 3) }, attributes: { rows: 5, ignore: 1 } }],
  [
    'mergeRows',
    {
      inputs: { x0: real(4, 3), ids0: ids, x1: real(4, 3), ids1: integers(3, -1, 4, 2) },
      outputs: { rows0: real(4, 3), at0: targets, rows1: real(4, 3), at1: targets },
      attributes: { rows: 5, ignore: 1 },
    },
  ],
  [
    'padSteps',
    { inputs: { x: real(6, 2, 3), ...layout }, outputs: { y: real(4, 3, 2, 3), lengths: integers(0, 0, 0, 0) } },
  ],
  ['packSteps', { inputs: { x: real(4, 3, 5), ...layout }, outputs: { y: real(6, 5) } }],
  ['stepAt', { inputs: { x: real(6, 3), ...layout }, outputs: { y: real(4, 3) }, attributes: { index: -1 } }],
  [
    'stepAtGradient',
    { inputs: { dy: real(4, 3), ...layout }, outputs: { x: real(6, 3) }, attributes: { index: 0, tokens: 'tokens' } },
  ],
  [
    'delay',
    {
      inputs: { x: real(6, 3), before: real(4, 3), ...layout },
      outputs: { y: real(6, 3), last: real(4, 3) },
      attributes: { direction: 'backward' },
    },
  ],
  [
    'linearRecurrence',
    {
      inputs: { a: real(6, 3), b: real(6, 3), h: real(4, 3), ...layout },
      outputs: { y: real(6, 3), hN: real(4, 3) },
      attributes: { direction: 'forward' },
    },
  ],
  [
    'dropped',
    {
      inputs: { clock: integers(1, 0), ...layout },
      outputs: { y: real(6, 3) },
      attributes: { rate: 0.5, seed: 1, layer: 2 },
    },
  ],
  [
    'dropout',
    {
      inputs: { x: real(6, 3), clock: integers(1, 0), ...layout },
      outputs: { y: real(6, 3) },
      attributes: { rate: 0.5, seed: 1, layer: 2 },
    },
  ],
  ['argmax', { inputs: { x: real(4, 3) }, outputs: { y: targets } }],
  ['correct', { inputs: { logits: real(4, 3), targets }, outputs: { count: real() } }],
  [
    'correct',
    { inputs: { logits: real(4, 3), targets: real(4, 3) }, outputs: { count: real() }, attributes: { ignore: 1 } },
  ],
  ['globalNorm', { inputs: { x0: real(4, 3), x1: real() }, outputs: { norm: real() } }],
  ['globalNorm', { inputs: { x0: real(4, 3), at0: integers(3, 1, -1, 0) }, outputs: { norm: real() } }],
  ['constant', { inputs: {}, outputs: { y: real(2, 2) }, attributes: { values: [1, 2, 3, 4] } }],
  ['activation', { ...map, attributes: { name: 'elu', alpha: 1, beta: 0 } }],
  [
    'activationGradient',
    {
      inputs: { x: real(4, 3), dy: real(4, 3) },
      outputs: { x: real(4, 3) },
      attributes: { name: 'tanh', alpha: 1, beta: 0 },
    },
  ],
  ['clip', { ...map, attributes: { low: -1, high: 2 } }],
  [
    'clipGradient',
    { inputs: { x: real(4, 3), dy: real(4, 3) }, outputs: { x: real(4, 3) }, attributes: { low: -1, high: 2 } },
  ],
  [
    'layerNorm',
    {
      inputs: { x: real(4, 2, 3), gain: real(3), shift: real(2, 3) },
      outputs: { y: real(4, 2, 3) },
      attributes: { epsilon: 0.1 },
    },
  ],
  [
    'layerNormGradient',
    {
      inputs: { x: real(4, 2, 3), gain: real(2, 3), dy: real(4, 2, 3) },
      outputs: { x: real(4, 2, 3) },
      attributes: { epsilon: 0.1 },
    },
  ],
  ['smoothAbs', { ...map, attributes: { beta: 0.5 } }],
  [
    'smoothAbsGradient',
    { inputs: { x: real(4, 3), dy: real(4, 3) }, outputs: { x: real(4, 3) }, attributes: { beta: 0.5 } },
  ],
  ...softmaxLoss('mean'),
  ...softmaxLoss('none', 4),
  ...ctcLoss('mean'),
  ...ctcLoss('none', 4),
  ...binaryLoss('sum'),
  ...binaryLoss('none', 4, 3),
  ['sgd', update(['b'], { momentum: 0.9, dampening: 0, nesterov: true })],
  ['adam', update(['m', 'v', 'vMax'], { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, amsgrad: true, decoupled: true })],
  ['adamax', update(['m', 'u'], { beta1: 0.9, beta2: 0.99, epsilon: 1e-8 })],
  ['nadam', update(['m', 'v'], { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, momentumDecay: 0.004 })],
  ['adadelta', update(['v', 'u'], { rho: 0.9, epsilon: 1e-6 })],
  ['rmsprop', update(['v', 'a', 'b'], { alpha: 0.9, epsilon: 1e-8, momentum: 0.5, centered: true })],
  ['adagrad', update(['v'], { learningRateDecay: 0.1, initialAccumulator: 0, epsilon: 1e-8 })],
  ['sgd', updateOfRows([], { momentum: 0, dampening: 0, nesterov: false, weightDecay: 0 })],
  ['adam', updateOfRows(['m', 'v'], { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, amsgrad: false, decoupled: false })],
];

const extents = [0, 1, 2, 3, 4, 5, 40];
const wrongIntegers = [-(2 ** 31), -100, -1, 5, 6, 2 ** 31 - 1];
const wrongAttributes = [-1, 0, 2, 64, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 40, -(2 ** 63), 'mean', true];

/** Draws what is wrong with a program. */
class Mischief {
  private readonly numbers: Numbers;

  constructor(seed: number) {
    this.numbers = new Numbers(seed);
  }

  happens(probability: number): boolean {
    return this.numbers.next() < probability;
  }

  one<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.numbers.next() * choices.length)]!;
  }

  shape(honest: readonly number[]): readonly number[] {
    if (!this.happens(0.1)) return honest;
    const shape = [...honest];
    const kind = this.one(['more', 'fewer', 'other', 'other']);
    if (kind === 'more') shape.unshift(this.one(extents));
    else if (kind === 'fewer') shape.pop();
    else if (shape.length > 0) shape[this.one([...shape.keys()])] = this.one(extents);
    return shape;
  }

  values(shape: readonly number[], { dtype, values }: Honest): NumberArray {
    const count = elementCount(shape);
    if (dtype === 'real') return Float32Array.from(this.numbers.reals(count));
    return Int32Array.from({ length: count }, (_, i) =>
      this.happens(0.02) ? this.one(wrongIntegers) : (values?.[i] ?? this.one([0, 1, 2, 3])),
    );
  }

  attributes(honest: Attributes): Attributes {
    return Object.fromEntries(
      Object.entries(honest).map(([name, value]) => [name, this.happens(0.05) ? this.one(wrongAttributes) : value]),
    );
  }
}

/** A program of one step whose buffers and attributes may not fit, and feeds that fit the buffers. */
function spoiledProgram(op: string, operation: Operation, mischief: Mischief) {
  const buffers: BufferSpec[] = [];
  const storages: { name: string; dtype: DType; elements: number }[] = [];
  const values: Record<string, NumberArray> = {};
  const add = (name: string, role: BufferSpec['role'], honest: Honest): number => {
    const shape = mischief.shape(honest.shape);
    const stored = role === 'parameter' || role === 'state';
    if (role === 'feed') values[name] = mischief.values(shape, honest);
    if (stored) storages.push({ name, dtype: honest.dtype, elements: elementCount(shape) });
    buffers.push({ name, role, dtype: honest.dtype, shape, ...(stored ? { storage: { name, offset: 0 } } : {}) });
    return buffers.length - 1;
  };
  const inputs: Record<string, number> = {};
  const outputs: Record<string, number> = {};
  for (const [name, honest] of Object.entries(operation.inputs)) inputs[name] = add(name, 'feed', honest);
  for (const [name, honest] of Object.entries(operation.outputs)) outputs[name] = add(`${name}′`, 'result', honest);
  for (const [name, honest] of Object.entries(operation.updated ?? {}))
    inputs[name] = outputs[name] = add(name, name === 'parameters' ? 'parameter' : 'state', honest);
  const step = { op, inputs, outputs, attributes: mischief.attributes(operation.attributes ?? {}) };
  const commit = operation.updated ? 0 : 1;
  return { program: new Program({ sizes: [], storages, buffers, steps: [step], commit, checks: [] }), values };
}

// What TypeScript would never record: the addon may refuse it and may compute nonsense, but every memory access stays where
// it belongs. A crash here ends the test run.
describe('operations of the native backend, given buffers that do not fit each other', () => {
  if (!addon) return;
  const backend = native({ threads: 2 });
  after(() => backend.close());

  operations.forEach(([name, operation], index) => {
    it(`${name} runs or refuses with a code: program ${index}`, () => {
      const mischief = new Mischief(index + 1);
      let ran = 0;
      for (let round = 0; round < 300; round++) {
        const { program, values } = spoiledProgram(name, operation, mischief);
        const memory = Object.fromEntries(
          program.storages.map(storage => [storage.name, backend.allocate(storage.dtype, storage.elements)]),
        );
        try {
          backend.load(program, memory).runSync({ sizes: {}, values });
          ran++;
        } catch (error) {
          expect(errorCodes, String(error)).to.have.property(String((error as { code?: unknown }).code));
        }
      }
      expect(ran).to.be.within(1, 299);
    });
  });
});
