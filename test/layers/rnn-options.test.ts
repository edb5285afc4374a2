import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Backend, Results } from '../../lib/backend/backend.ts';
import { js } from '../../lib/backend/js-backend.ts';
import { addon } from '../../lib/backend/load.ts';
import { native } from '../../lib/backend/native-backend.ts';
import { type Batch, batches } from '../../lib/data/batches.ts';
import { bidirectional } from '../../lib/layers/bidirectional.ts';
import { dense } from '../../lib/layers/dense.ts';
import type { LayerDescription } from '../../lib/layers/layer.ts';
import type { recurrentCell } from '../../lib/layers/recurrent-cell.ts';
import { type RnnOptions, rnn } from '../../lib/layers/rnn.ts';
import { residual } from '../../lib/layers/skip.ts';
import { meanSquaredError } from '../../lib/losses/mean-squared-error.ts';
import { graph } from '../../lib/models/graph.ts';
import { load } from '../../lib/models/load.ts';
import type { Model } from '../../lib/models/model.ts';
import { sequential } from '../../lib/models/sequential.ts';
import { sgd } from '../../lib/optimizers/sgd.ts';
import { type Mode, record } from '../../lib/program/recording.ts';
import { bindInputs } from '../../lib/training/feeds.ts';
import { expectAgreement } from '../backend/conformance/agreement.ts';
import { Numbers } from '../backend/conformance/numbers.ts';
import { codeOf } from '../code-of.ts';
import { CodeBlocks, codeBlocksOf } from '../docs/code-blocks.ts';
import { checkModelGradients } from '../models/check-model-gradients.ts';
import { raggedVectors } from '../models/ragged-data.ts';

const [inputSize, size] = [2, 3];
const data = raggedVectors({ size: inputSize, outputs: size });
const steps = raggedVectors({ size: inputSize, outputs: size, per: 'token' });
const narrow = raggedVectors({ size: inputSize, outputs: inputSize, per: 'token' });

type Options = Omit<RnnOptions, 'size'>;
const scans: Readonly<Record<string, Options>> = {
  'order: 3': { order: 3 },
  'transition: [3, 4]': { transition: [3, 4] },
  "recurrentWeight: 'scalar'": { recurrentWeight: 'scalar' },
};
const others: Readonly<Record<string, Options>> = {
  "bias: 'scalar'": { bias: 'scalar' },
  'bias: false': { bias: false },
  "biases: 'two'": { biases: 'two' },
  "direction: 'backward'": { direction: 'backward' },
  "initialState: 'learned'": { initialState: 'learned' },
  'clip: 1.5': { clip: 1.5 },
  "activation: 'softsign'": { activation: 'softsign' },
  'dropout: 0.3': { dropout: 0.3 },
  'recurrentDropout: 0.3': { recurrentDropout: 0.3 },
  'weightDropout: 0.3': { weightDropout: 0.3 },
  'zoneout: 0.3': { zoneout: 0.3 },
};

describe('options of rnn that run as a scan', function () {
  this.timeout(120_000);
  const exact = js({ precision: 'float64' });
  after(() => exact.close());

  const modelOf = (layer: LayerDescription, backend: Backend = exact) =>
    sequential([layer], { backend, inputSize, seed: 4 });
  /** Of all five rows, parameters drawn. */
  const forward = (model: Model, mode: Mode): Results => {
    const { parameters } = model;
    const { backend } = parameters;
    const program = record(recording => ({ y: model.record(recording) }), { mode });
    const [batch] = [...batches(data, { batchSize: data.length })] as [Batch];
    const { sizes, values } = bindInputs(batch, model.inputs, backend.precision);
    const used = Object.fromEntries(
      Object.entries({ ...values, clock: Int32Array.of(3, 0) }).filter(([name]) =>
        program.buffers.some(buffer => buffer.name === name),
      ),
    );
    return backend.load(program, { parameters: parameters.storage }).runSync({ sizes, values: used });
  };
  const draw = ({ parameters }: Model) => {
    const numbers = new Numbers(5);
    for (const parameter of parameters) parameter.write(numbers.reals(parameter.size));
  };

  for (const [name, options] of Object.entries(scans)) {
    it(`${name} has the gradient of finite differences, alone and with every other option`, () => {
      for (const more of [{}, ...Object.values(others), ...Object.values(scans)])
        checkModelGradients(modelOf(rnn({ size, ...options, ...more })), data, meanSquaredError());
      checkModelGradients(modelOf(rnn({ size, output: 'sequence', ...options })), steps, meanSquaredError());
      const around = {
        size: inputSize,
        output: 'sequence',
        ...(options.transition ? { transition: [4] } : options),
      } as const;
      checkModelGradients(modelOf(residual(rnn(around))), narrow, meanSquaredError());
    });

    it(`${name} gives on native what it gives in js, alone and with every other option`, async function () {
      if (!addon) this.skip();
      const backend = native();
      for (const [option, more] of Object.entries({ alone: {}, ...others, ...scans }))
        for (const mode of ['train', 'infer'] as const) {
          const layer = rnn({ size, ...more, ...options });
          const [one, other] = [modelOf(layer), modelOf(layer, backend)];
          for (const model of [one, other]) draw(model);
          expectAgreement(forward(other, mode), forward(one, mode), 1e-5, `${option}, ${mode}`);
        }
      await backend.close();
    });

    it(`${name} drops inputs, states, weights and changes of states in training alone`, () => {
      const outputs = (more: Options, mode: Mode) => {
        const model = modelOf(rnn({ size, ...options, ...more }));
        draw(model);
        return [...forward(model, mode).y!];
      };
      const kept = outputs({}, 'train');
      for (const drop of [{ dropout: 0.8 }, { recurrentDropout: 0.8 }, { weightDropout: 0.8 }]) {
        expect(outputs(drop, 'train')).not.to.deep.equal(kept);
        expect(outputs(drop, 'infer')).to.deep.equal(kept);
      }
      expect(outputs({ zoneout: 0.8 }, 'train')).not.to.deep.equal(outputs({ zoneout: 0.8 }, 'infer'));
    });

    it(`${name} goes on from the states that it ended with`, async () => {
      const layer = rnn({ size, ...options, initialState: 'learned', output: 'sequence' });
      const [whole, cut] = [modelOf(layer), modelOf(layer)];
      for (const model of [whole, cut]) draw(model);
      const still = { loss: meanSquaredError(), optimizer: sgd({ learningRate: 1e-30 }), epochs: 1, batchSize: 5 };
      const { epochs: expected } = await whole.fit(steps, still);
      const { epochs: got } = await cut.fit(steps, { ...still, window: 2 });
      expect(got[0]!.loss).to.be.closeTo(expected[0]!.loss, 1e-12);
    });

    it(`${name} stands in both directions, in a graph and in a model file`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'recurra-rnn-'));
      const both = bidirectional(rnn({ size, ...options, output: 'sequence', initialState: 'learned' }));
      const model = sequential([both, rnn({ size, ...options }), dense({ size })], { backend: exact, inputSize });
      const other = graph(
        {
          encoder: { layer: rnn({ size, ...options }), from: 'input' },
          decoder: { layer: rnn({ size, ...options }), from: 'input', state: 'encoder' },
        },
        { backend: exact, inputSize, output: 'decoder' },
      );
      checkModelGradients(model, data, meanSquaredError());
      checkModelGradients(other, data, meanSquaredError());
      try {
        const path = join(folder, 'model.safetensors');
        await model.save(path);
        const again = await load(path, { backend: exact });
        const rows = {
          sequences: [
            [[1, 2]],
            [
              [0.5, 0.5],
              [0, 1],
              [3, 1],
            ],
          ],
        };
        const [expected, got] = [await model.predict(rows), await again.predict(rows)];
        expected.forEach((row, at) => {
          row.forEach((value, k) => {
            expect(got[at]![k]).to.be.closeTo(value, 1e-6);
          });
        });
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }

  it('all of its parameters can be frozen', () => {
    const model = modelOf(rnn({ size, order: 2, transition: [size], recurrentWeight: 'scalar', trainable: false }));
    for (const { trainable } of model.parameters) expect(trainable).to.equal(false);
  });

  it('has the parameters that its options say', () => {
    const shapes = (options: Options) =>
      Object.fromEntries(
        [...modelOf(rnn({ size, ...options })).parameters].map(({ name, shape }) => [name.replace('rnn.', ''), shape]),
      );
    expect(shapes({ order: 4, initialState: 'learned' })).to.deep.equal({
      inputWeight: [2, 3],
      recurrentWeight: [12, 3],
      bias: [3],
      h0: [3],
      earlier0: [9],
    });
    expect(shapes({ transition: [5, 2], order: 2, biases: 'two' })).to.deep.equal({
      inputWeight: [2, 5],
      recurrentWeight: [6, 5],
      bias: [5],
      recurrentBias: [5],
      transitionWeight1: [5, 2],
      transitionBias1: [2],
      transitionWeight2: [2, 3],
      transitionBias2: [3],
    });
    expect(shapes({ recurrentWeight: 'scalar', order: 2, bias: 'scalar', transition: [3] })).to.deep.equal({
      inputWeight: [2, 3],
      recurrentWeight: [2, 1],
      bias: [1],
      transitionWeight1: [3, 3],
      transitionBias1: [1],
    });
    expect(Object.keys(shapes({ transition: [5], bias: false }))).not.to.include('transitionBias1');
  });

  it('a recurrent weight of numbers starts from the identity', () => {
    const started = (options: Options) => [
      ...modelOf(rnn({ size, recurrentWeight: 'scalar', ...options })).parameter('rnn.recurrentWeight')!.values,
    ];
    expect(started({ order: 3 })).to.deep.equal([1, 0, 0]);
    expect(started({ recurrentInitializer: 'zeros' })).to.deep.equal([0]);
  });

  it('is the fused layer where its options say what is there anyway', () => {
    for (const options of [{ order: 1, transition: [], recurrentWeight: 'full' }, { bias: 'scalar' }] as Options[]) {
      const { steps } = record(recording => ({ y: modelOf(rnn({ size, ...options })).record(recording) }));
      expect(steps.at(-1)!.op).to.equal('rnn');
    }
  });

  it('refuses what does not fit', () => {
    const refused: readonly (readonly [Options, string])[] = [
      [{ order: 0 }, 'rnn: order must be a whole number of at least 1, got 0'],
      [{ order: 1.5 }, 'order must be a whole number'],
      [{ transition: 64 as never }, 'rnn: transition must be a list of numbers of units, got 64'],
      [{ transition: [64, 0] }, 'rnn: transition[1] must be a whole number of at least 1, got 0'],
      [{ recurrentWeight: 'diagonal' as 'full' }, "rnn: recurrentWeight must be 'full' or 'scalar', got diagonal"],
      [{ bias: 'vector' as 'scalar' }, "rnn: bias must be true, false or 'scalar', got vector"],
      [{ recurrentWeight: 'scalar', transition: [2] }, 'which has 2; give both the same'],
      [{ order: 2, recompute: true }, 'rnn: recompute is of the fused cell'],
    ];
    for (const [options, message] of refused) {
      expect(() => rnn({ size, ...options })).to.throw(message);
      expect(codeOf(() => rnn({ size, ...options }))).to.equal('ERR_ARGUMENT');
    }
    expect(codeOf(() => rnn({ size, recompute: true }))).to.equal(undefined);
  });
});

describe('the cells of docs/cells.md that rnn has as options', function () {
  this.timeout(60_000);
  let blocks: CodeBlocks;
  before(() => {
    blocks = new CodeBlocks(codeBlocksOf('docs/cells.md'));
  });
  after(() => blocks.close());

  const renamed = (name: string) =>
    name.replace(
      /\.(W|R|b|V|d)$/,
      (_, letter) =>
        `.${{ W: 'inputWeight', R: 'recurrentWeight', b: 'bias', V: 'transitionWeight1', d: 'transitionBias1' }[letter as 'W']}`,
    );
  const cases = [
    ['orderRnn', { order: 3 }, { order: 3 }],
    ['deepTransition', { transition: [5] }, { width: 5 }],
  ] as const;
  for (const [name, options, ownOptions] of cases)
    it(`${name} gives the same numbers, and learns the same`, async () => {
      const backend = js({ precision: 'float64' });
      const found = await Promise.all(
        blocks.blocks.map((block, index) => (block.code.includes(`const ${name} `) ? blocks.run(index) : {})),
      );
      const own = found.map(exported => (exported as Record<string, unknown>)[name]).find(value => value) as ReturnType<
        typeof recurrentCell
      >;
      const build = (layer: LayerDescription) => sequential([layer], { backend, inputSize, seed: 3 });
      const [written, given] = [build(own({ size, ...ownOptions } as never)), build(rnn({ size, ...options }))];
      for (const parameter of written.parameters)
        given.parameter(renamed(parameter.name).replace('cell', 'rnn'))!.write(parameter.values);
      const optimizer = sgd({ learningRate: 0.1 });
      for (const model of [written, given])
        await model.fit(data, { loss: meanSquaredError(), optimizer, epochs: 3, batchSize: 2 });
      for (const parameter of written.parameters) {
        const same = given.parameter(renamed(parameter.name).replace('cell', 'rnn'))!;
        parameter.values.forEach((value, k) => {
          expect(same.values[k], `${same.name}[${k}]`).to.be.closeTo(value, 1e-12);
        });
      }
      await backend.close();
    });

  it('one number as the recurrent weight is what the equation says', async () => {
    const backend = js({ precision: 'float64' });
    const layer = rnn({ size, recurrentWeight: 'scalar', bias: 'scalar', order: 2, output: 'sequence' });
    const model = sequential([layer], { backend, inputSize, seed: 3 });
    const numbers = new Numbers(6);
    for (const parameter of model.parameters) parameter.write(numbers.reals(parameter.size));
    const [W, [r1, r2], [b]] = ['inputWeight', 'recurrentWeight', 'bias'].map(name => [
      ...model.parameter(`rnn.${name}`)!.values,
    ]) as [number[], [number, number], [number]];
    const x = Array.from({ length: 5 }, () => [...numbers.reals(inputSize)]);
    let [h, before] = [new Array<number>(size).fill(0), new Array<number>(size).fill(0)];
    const expected = x.flatMap(step => {
      const next = h.map((value, unit) => {
        const seen = step.reduce((sum, feature, at) => sum + feature * W[at * size + unit]!, 0);
        return Math.tanh(seen + r1 * value + r2 * before[unit]! + b);
      });
      [h, before] = [next, h];
      return next;
    });
    const [got] = await model.predict({ sequences: [x] });
    expected.forEach((value, k) => {
      expect(got![k]).to.be.closeTo(value, 1e-12);
    });
    await backend.close();
  });
});
