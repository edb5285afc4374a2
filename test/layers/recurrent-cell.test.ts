import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Backend } from '../../lib/backend/backend.ts';
import { js } from '../../lib/backend/js-backend.ts';
import { addon } from '../../lib/backend/load.ts';
import { native } from '../../lib/backend/native-backend.ts';
import { cells } from '../../lib/cells.ts';
import { dataset } from '../../lib/data/dataset.ts';
import { bidirectional } from '../../lib/layers/bidirectional.ts';
import { dense } from '../../lib/layers/dense.ts';
import { Gru, gru } from '../../lib/layers/gru.ts';
import { orthogonal } from '../../lib/layers/initializers.ts';
import type { LayerContext, LayerDescription } from '../../lib/layers/layer.ts';
import { Lstm, lstm } from '../../lib/layers/lstm.ts';
import { Parameters } from '../../lib/layers/parameter.ts';
import { type Cell, RecurrentCell, recurrentCell } from '../../lib/layers/recurrent-cell.ts';
import { meanSquaredError } from '../../lib/losses/mean-squared-error.ts';
import { load } from '../../lib/models/load.ts';
import { sequential } from '../../lib/models/sequential.ts';
import {
  add,
  gradients,
  gruStep,
  matmul,
  multiply,
  record,
  scale,
  sigmoid,
  slice,
  sum,
  type Tensor,
  tanh,
} from '../../lib/ops/index.ts';
import { scan } from '../../lib/ops/scan.ts';
import { adam } from '../../lib/optimizers/adam.ts';
import { Random } from '../../lib/random/random.ts';
import { Numbers } from '../backend/conformance/numbers.ts';
import { batchFor, Trial } from '../backend/conformance/trial.ts';
import { codeOf } from '../code-of.ts';
import { CodeBlocks, codeBlocksOf } from '../docs/code-blocks.ts';
import { checkGradients } from '../ops/check-gradients.ts';
import { drawn } from '../ops/drawn.ts';
import type { Given } from '../ops/evaluate.ts';

const lengths = [3, 0, 5, 1, 5];
const [inputSize, size] = [3, 4];

const elman = recurrentCell({
  name: 'elman',
  parameters: ({ inputSize, size }) => ({ W: [inputSize, size], R: [size, size], b: [size] }),
  step: ({ x, h }, { W, R, b }) => ({ h: tanh(add(matmul(x, W, { bias: b }), matmul(h, R))) }),
});

/** As its equations are written; parameters by the names that the fused layers have. */
const ownLstm = recurrentCell({
  name: 'ownLstm',
  parameters: ({ inputSize: I, size: H }) => ({
    inputWeight: [I, 4 * H],
    recurrentWeight: [H, 4 * H],
    bias: [4 * H],
  }),
  states: ({ size }) => ({ h: size, c: size }),
  step: ({ x, h, c }, { inputWeight, recurrentWeight, bias }, { size }) => {
    const a = add(matmul(x, inputWeight, { bias }), matmul(h, recurrentWeight));
    const [i, f, g, o] = cells.lstm.gates.map((_, k) => slice(a, { axis: -1, start: k * size, stop: (k + 1) * size }));
    const next = add(multiply(sigmoid(f!), c), multiply(sigmoid(i!), tanh(g!)));
    return { h: multiply(sigmoid(o!), tanh(next)), c: next };
  },
});
const ownGru = recurrentCell({
  name: 'ownGru',
  parameters: ({ inputSize: I, size: H }) => ({
    inputWeight: [I, 3 * H],
    recurrentWeight: [H, 3 * H],
    bias: [3 * H],
    recurrentBias: [3 * H],
  }),
  step: ({ x, h }, { inputWeight, recurrentWeight, bias, recurrentBias }) => ({
    h: gruStep(matmul(x, inputWeight, { bias }), matmul(h, recurrentWeight, { bias: recurrentBias }), h),
  }),
});

const context = (): LayerContext => ({
  name: 'cell',
  input: { kind: 'sequence', size: inputSize },
  random: new Random(1, 0),
  seed: 1,
  nextMask: () => 0,
  find: () => undefined,
});

/** What a recurrent layer gives, and the gradients by its input, its initial states and its parameters. */
function differentiated(layer: RecurrentCell | Lstm | Gru, backend: Backend, states: readonly string[]) {
  const parameters = new Parameters([...layer.parameters], backend);
  const numbers = new Numbers(7);
  for (const parameter of parameters) parameter.write(numbers.reals(parameter.size));
  const program = record(
    recording => {
      const { tokens, batch } = recording.layout('input');
      const x = recording.feed('x', [tokens, inputSize]);
      const initial = Object.fromEntries(states.map(name => [name, recording.feed(name, [batch, size])]));
      const { output, state } = layer.forward(x, initial as never) as {
        output: Tensor;
        state: Readonly<Record<string, Tensor>>;
      };
      const results = { output, ...state };
      const by = {
        x,
        ...initial,
        ...Object.fromEntries([...parameters].map(parameter => [parameter.name, parameter.tensor(recording)])),
      };
      const upstream = Object.entries(results).map(([name, of]) => ({
        of,
        gradient: recording.feed(`up.${name}`, of.shape),
      }));
      const found = gradients(upstream, Object.values(by));
      return { ...results, ...Object.fromEntries(Object.keys(by).map((name, at) => [`d ${name}`, found[at]!])) };
    },
    { mode: 'train' },
  );
  const trial = new Trial(backend, program, { parameters: Float64Array.from(parameters.array) });
  return trial.runSync(batchFor(program, new Numbers(8), { lengths }));
}

describe('a cell of your own', function () {
  this.timeout(60_000);
  const backends: readonly (readonly [string, number, () => Backend])[] = [
    ['js', 1e-12, () => js({ precision: 'float64' })],
    ...(addon ? ([['native', 1e-5, () => native()]] as const) : []),
  ];
  for (const [name, tolerance, open] of backends)
    for (const direction of ['forward', 'backward'] as const)
      it(`gives the numbers and gradients of the fused layer that it writes out, ${direction} on ${name}`, async () => {
        const backend = open();
        const pairs = [
          [new Lstm({ size, direction }, context()), ownLstm({ size, direction }), ['h', 'c']],
          [new Gru({ size, direction, biases: 'two' }, context()), ownGru({ size, direction }), ['h']],
        ] as const;
        for (const [fused, description, states] of pairs) {
          const expected = differentiated(fused, backend, states);
          const got = differentiated(new RecurrentCell(description, context()), backend, states);
          expect(Object.keys(got)).to.have.members(Object.keys(expected));
          for (const [name, values] of Object.entries(expected))
            values.forEach((value, at) => {
              expect(got[name]![at], `${name}[${at}]`).to.be.closeTo(value, tolerance * Math.max(1, Math.abs(value)));
            });
        }
        await backend.close();
      });

  it('gives the same inside bidirectional and a model, with outputs of all steps and of the last', async () => {
    const backend = js({ precision: 'float64' });
    const build = (...layers: LayerDescription[]) =>
      sequential([...layers, dense({ size: 2 })], { backend, inputSize, seed: 5 });
    const fused = build(bidirectional(lstm({ size, output: 'sequence' })), gru({ size: 3, biases: 'two' }));
    const own = build(bidirectional(ownLstm({ size, output: 'sequence' })), ownGru({ size: 3 }));
    const numbers = new Numbers(3);
    const [given, taken] = [[...fused.parameters], [...own.parameters]];
    given.forEach((parameter, index) => {
      expect(taken[index]!.name.split('.').at(-1)).to.equal(parameter.name.split('.').at(-1));
      parameter.write(numbers.reals(parameter.size));
      taken[index]!.write(parameter.values);
    });
    const sequences = lengths.map(length => Array.from({ length }, () => [...numbers.reals(inputSize)]));
    const [expected, got] = [await fused.predict({ sequences }), await own.predict({ sequences })];
    expected.forEach((row, at) => {
      row.forEach((value, k) => {
        expect(got[at]![k]).to.be.closeTo(value, 1e-12);
      });
    });
    await backend.close();
  });

  it('is one scan, with what needs no state around it', () => {
    const backend = js();
    const model = sequential([elman({ size })], { backend, inputSize });
    const { steps } = record(recording => ({ y: model.record(recording) }), { mode: 'train' });
    expect(steps.map(({ op }) => op)).to.deep.equal(['fill', 'matmul', 'scan']);
  });

  it('draws initial values as it is told', () => {
    const cell = recurrentCell({
      name: 'some',
      parameters: ({ size }) => ({
        matrix: [size, size],
        vector: [size],
        scalar: [],
        filled: { shape: [2, 3], initial: 7 },
        turned: { shape: [size, 2 * size], initial: orthogonal },
      }),
      step: ({ h }) => ({ h }),
    });
    const layer = new RecurrentCell(cell({ size, trainable: false }), context());
    const parameters = new Parameters([...layer.parameters], js());
    const values = (name: string) => [...parameters.get(`cell.${name}`)!.values];
    expect(new Set(values('matrix')).size).to.equal(16);
    expect(Math.max(...values('matrix').map(Math.abs))).to.be.below(Math.sqrt(6 / 8));
    expect([...values('vector'), ...values('scalar')]).to.deep.equal([0, 0, 0, 0, 0]);
    expect(values('filled')).to.deep.equal([7, 7, 7, 7, 7, 7]);
    const first = values('turned').slice(0, 2 * size);
    expect(first.reduce((sum, value) => sum + value * value, 0)).to.be.closeTo(1, 1e-6);
    expect(layer.parameters.every(({ trainable }) => !trainable)).to.equal(true);
  });

  it('is saved by name and options, and loaded with its code', async () => {
    const backend = js();
    const leaky = recurrentCell({
      name: 'leaky',
      options: { keep: 0.5, kind: 'mean' },
      parameters: ({ inputSize, size }) => ({ W: [inputSize, size] }),
      step: ({ x, h }, { W }, { keep }) => ({ h: add(scale(h, keep), matmul(x, W)) }),
    });
    const model = sequential([bidirectional(leaky({ size, keep: 0.25, output: 'sequence' })), elman({ size })], {
      backend,
      inputSize,
      seed: 2,
    });
    const folder = mkdtempSync(join(tmpdir(), 'recurra-cell-'));
    try {
      const path = join(folder, 'model.safetensors');
      await model.save(path);
      const rows = { sequences: [[[1, 2, 3]], [], [new Array(3).fill(0.5), [0, 1, 0]]] };
      const again = await load(path, { backend, cells: [elman, leaky] });
      const [expected, loaded] = [await model.predict(rows), await again.predict(rows)];
      expect(loaded).to.deep.equal(expected);
      expect(await (await model.snapshot()).predict(rows)).to.deep.equal(expected);
      const message = await load(path, { backend, cells: [elman] }).catch((error: Error & { code: string }) => {
        expect(error.code).to.equal('ERR_ARGUMENT');
        return error.message;
      });
      expect(message).to.equal(
        'load: the model has the cell leaky, whose code no file holds; give what recurrentCell returned for it: load(path, { cells: [leaky] })',
      );
    } finally {
      rmSync(folder, { recursive: true });
      await backend.close();
    }
  });

  it('refuses options and steps that are none', () => {
    expect(() => elman({ size: 0 })).to.throw(RangeError, 'elman: size must be a whole number of at least 1');
    expect(() => elman({ size, output: 'first' as 'last' })).to.throw(
      RangeError,
      "output must be 'last' or 'sequence'",
    );
    expect(() => elman({ size, dropout: 0.5 } as never))
      .to.throw(RangeError, 'elman: there is no option dropout; there are size, output, direction, trainable')
      .with.property('code', 'ERR_ARGUMENT');
    expect(() => recurrentCell({ name: '', parameters: () => ({}), step: ({ h }) => ({ h }) })).to.throw(
      TypeError,
      'recurrentCell: name must be a word, got ""',
    );
    expect(codeOf(() => new RecurrentCell({ cell: 'elman' as unknown as Cell, size }, context()))).to.equal(
      'ERR_ARGUMENT',
    );
    expect(() => sequential([dense({ size: 3 }), elman({ size })], { inputSize })).to.throw(
      RangeError,
      'cell: gets one vector per sequence of 3 features, but reads a sequence of vectors',
    );
    const recorded = (step: (h: Tensor) => object) => {
      const cell = recurrentCell({ name: 'bad', parameters: () => ({}), step: ({ h }) => step(h) as { h: Tensor } });
      const model = sequential([cell({ size })], { inputSize, backend: js() });
      return () => record(recording => ({ y: model.record(recording) }));
    };
    expect(recorded(() => ({}))).to.throw(RangeError, 'scan: the step must give the state h');
    expect(recorded(h => ({ h: slice(h, { axis: -1, start: 1 }) }))).to.throw(RangeError, 'of the state h');
    expect(recorded(h => ({ h: multiply(h, sum(h)) }))).to.throw(RangeError, 'mixes the rows');
  });
});

describe('the cells of docs/cells.md', function () {
  this.timeout(60_000);
  let blocks: CodeBlocks;
  before(() => {
    blocks = new CodeBlocks(codeBlocksOf('docs/cells.md'));
  });
  after(() => blocks.close());

  for (const [index, name] of ['orderRnn', 'multiplicativeLstm', 'deepTransition'].entries())
    it(`${name} has the gradient of finite differences, and learns`, async () => {
      const factory = (await blocks.run(index))[name] as ReturnType<typeof recurrentCell>;
      const { definition } = factory.cell;
      const sizes = { ...definition.options, inputSize, size };
      const features = definition.states?.(sizes) ?? { h: size };
      const given = (seed: number, shape: readonly (number | string)[], extents: readonly number[]): Given => ({
        ...drawn(extents, [-1, 1], seed),
        shape,
      });
      const tokens = lengths.reduce((total, length) => total + length, 0);
      const shapes = Object.entries(definition.parameters(sizes)).map(
        ([name, spec]) => [name, 'shape' in spec ? spec.shape : spec] as const,
      );
      checkGradients({
        inputs: {
          x: given(1, ['input.tokens', inputSize], [tokens, inputSize]),
          ...Object.fromEntries(
            Object.entries(features).map(([state, size], at) => [
              state,
              given(2 + at, ['batch', size], [lengths.length, size]),
            ]),
          ),
          ...Object.fromEntries(shapes.map(([name, shape], at) => [name, given(9 + at, shape, shape)])),
        },
        build: ({ x, ...others }, recording) => {
          recording.layout('input');
          const pick = (names: readonly string[]) => Object.fromEntries(names.map(name => [name, others[name]!]));
          const parameters = pick(shapes.map(([name]) => name));
          const { states } = scan({ sequences: { x: x! }, states: pick(Object.keys(features)) }, values => ({
            states: definition.step(values, parameters, sizes),
            outputs: {},
          }));
          return states;
        },
        lengths,
        mode: 'train',
      });

      const backend = addon ? native() : js();
      const model = sequential([factory({ size }), dense({ size: 1 })], { backend, inputSize: 1, seed: 4 });
      const numbers = new Numbers(2);
      const sequences = Array.from({ length: 40 }, (_, row) =>
        Array.from({ length: 1 + (row % 4) }, () => [...numbers.reals(1)]),
      );
      const targets = sequences.map(steps => [steps[0]![0]!]);
      const { epochs } = await model.fit(dataset({ sequences, targets }), {
        loss: meanSquaredError(),
        optimizer: adam({ learningRate: 0.03 }),
        epochs: 60,
        batchSize: 8,
      });
      expect(epochs.at(-1)!.loss).to.be.below(0.5 * epochs[0]!.loss);
      await backend.close();
    });
});
