import { expect } from 'chai';
import type { Backend } from '../../lib/backend/backend.ts';
import { addon } from '../../lib/backend/load.ts';
import type { CellName } from '../../lib/cells.ts';
import { type Dataset, dataset } from '../../lib/data/dataset.ts';
import { diagnose } from '../../lib/diagnosis/diagnose.ts';
import {
  bidirectional,
  crossEntropy,
  dense,
  dropout,
  embedding,
  gru,
  js,
  lstm,
  type Model,
  meanSquaredError,
  native,
  rnn,
  sequential,
} from '../../lib/index.ts';
import { Numbers } from '../backend/conformance/numbers.ts';
import { codeOfRejection as codeOf } from '../code-of.ts';
import { type Options, reference } from '../ops/recurrent-reference.ts';

const layerOf = { rnn, gru, lstm };
const inputSize = 3;
const size = 4;
const lengths = [5, 1, 7, 3];

const plain: Options = { direction: 'forward', activation: 'tanh', reset: 'after', updateGate: 'keep' };
const cases: readonly [CellName, Partial<Options>][] = [
  ['rnn', {}],
  ['rnn', { activation: 'relu' }],
  ['rnn', { direction: 'backward' }],
  ['gru', {}],
  ['gru', { reset: 'before', updateGate: 'write' }],
  ['gru', { reset: 'before', direction: 'backward' }],
  ['gru', { updateGate: 'write' }],
  ['lstm', {}],
  ['lstm', { direction: 'backward' }],
];

const numbers = () => new Numbers(11);

function sequences(lengths: readonly number[], features = inputSize, targets = 1): Dataset {
  const drawn = numbers();
  return dataset({
    sequences: lengths.map(length => drawn.reals(length * features, 1)),
    size: features,
    targets: lengths.map(() => drawn.reals(targets, 1)),
  });
}

/** All parameters drawn anew, biases too. */
function drawWeights(model: Model): void {
  const drawn = numbers();
  for (const parameter of model.parameters) parameter.write(drawn.reals(parameter.size, 0.8));
}

const float64 = () => js({ precision: 'float64' });

/**
 * The norm of dL/dh or dL/dc of a row after so many steps of its layer, by central differences: the reference runs up to there,
 * a unit is moved, and it goes on.
 */
function byDifferences(model: Model, cell: CellName, options: Options, data: Dataset, row: number, after: number) {
  if (data.input.kind !== 'sequence' || data.targets?.per !== 'sequence') throw new Error('sequences');
  const steps = lengths[row]!;
  const numbers = Float64Array.from(data.input.rows[row]!);
  const all = Array.from({ length: steps }, (_, t) => numbers.subarray(t * inputSize, (t + 1) * inputSize));
  if (options.direction === 'backward') all.reverse();
  const value = (name: string) => model.parameter(`${cell}.${name}`)!.values;
  const weights = Object.fromEntries(
    ['inputWeight', 'recurrentWeight', 'bias', 'recurrentBias'].map(name => [name, value(name)]),
  );
  const run = (xs: readonly Float64Array[], state: object) =>
    reference(
      cell,
      { ...options, direction: 'forward' },
      { ...weights, ...state, x: xs.flatMap(x => [...x]) },
      [xs.length],
      inputSize,
      size,
    );
  const target = data.targets.values[row]!;
  const [head, [bias]] = [model.parameter('dense.weight')!.values, model.parameter('dense.bias')!.values];
  const lossFrom = (h: readonly number[], c: readonly number[] | undefined) => {
    const { hN } = run(all.slice(after), { h, ...(c ? { c } : {}) });
    const answer = hN.reduce((sum, value, j) => sum + value * head[j]!, bias!);
    return (answer - target) ** 2;
  };
  const { hN: h, cN: c } = run(all.slice(0, after), {}) as { hN: number[]; cN?: number[] };
  const epsilon = 1e-5;
  const moved = (values: readonly number[], unit: number, by: number) => values.with(unit, values[unit]! + by);
  const norm = (loss: (unit: number, by: number) => number) =>
    Math.hypot(...h.map((_, unit) => (loss(unit, epsilon) - loss(unit, -epsilon)) / (2 * epsilon)));
  return {
    h: norm((unit, by) => lossFrom(moved(h, unit, by), c)),
    ...(c
      ? {
          c: norm((unit, by) => {
            const next = moved(c, unit, by);
            return lossFrom(h.with(unit, (h[unit]! / Math.tanh(c[unit]!)) * Math.tanh(next[unit]!)), next);
          }),
        }
      : {}),
  };
}

describe('diagnose', function () {
  this.timeout(60_000);

  for (const [cell, options] of cases)
    it(`${cell} ${JSON.stringify(options)}: gradients by states are what central differences say`, async () => {
      const backend = float64();
      const layer = layerOf[cell]({ size, biases: 'two', ...options } as never);
      const model = sequential([layer, dense({ size: 1 })], { inputSize, backend });
      drawWeights(model);
      const data = sequences(lengths);
      const { layers, loss } = await diagnose(model, data, { loss: meanSquaredError() });
      const [found] = layers;
      expect(layers).to.have.length(1);
      expect(found).to.include({ name: cell, cell, size });
      for (const [state, means] of Object.entries(found!.gradients)) {
        expect(means).to.have.length(7);
        for (const [lag, mean] of means.entries()) {
          const alive = lengths.flatMap((length, row) => (lag < length ? [row] : []));
          const norms = alive.map(row =>
            byDifferences(model, cell, { ...plain, ...options }, data, row, lengths[row]! - lag),
          );
          const expected = norms.reduce((sum, norm) => sum + norm[state as 'h']!, 0) / alive.length;
          expect(mean, `${state} at lag ${lag}`).to.be.closeTo(expected, 1e-7 * (1 + expected));
        }
      }
      expect(Object.keys(found!.gradients)).to.deep.equal(cell === 'lstm' ? ['h', 'c'] : ['h']);
      expect(loss).to.be.closeTo((await model.evaluate(data, { loss: meanSquaredError() })).loss, 1e-12);
      await backend.close();
    });
});

describe('diagnose', function () {
  this.timeout(60_000);
  let backend: Backend;
  beforeEach(() => {
    backend = float64();
  });
  afterEach(() => backend.close());

  it('sees what the network computes: layers upon each other, both ways, words, classes at every step, without dropout', async () => {
    const ids = [[3, 1, 4], [1], [5, 0, 2, 6, 5]];
    const data = dataset({ ids, classes: ids.map(row => row.map(id => id % 3)), per: 'token' });
    const model = sequential(
      [
        embedding({ vocabulary: 7, size: 3 }),
        bidirectional(lstm({ size: 2, output: 'sequence', dropout: 0.5, recurrentDropout: 0.4 })),
        dropout({ rate: 0.5 }),
        gru({ size: 3, output: 'sequence' }),
        dense({ size: 3 }),
      ],
      { backend },
    );
    drawWeights(model);
    const { layers, loss, rows } = await diagnose(model, data, { loss: crossEntropy() });
    expect(layers.map(({ name, cell }) => [name, cell])).to.deep.equal([
      ['bidirectional.forward', 'lstm'],
      ['bidirectional.backward', 'lstm'],
      ['gru', 'gru'],
    ]);
    const answers = await model.predict({ ids });
    const losses = answers.map((logits, row) => {
      const last = [...logits.slice(-3)];
      const total = Math.log(last.reduce((sum, logit) => sum + Math.exp(logit), 0));
      return total - last[ids[row]!.at(-1)! % 3]!;
    });
    expect(rows).to.equal(3);
    expect(loss).to.be.closeTo(losses.reduce((sum, each) => sum + each, 0) / 3, 1e-12);
    expect(layers[2]!.gradients.h![0]).to.be.above(0);
  });

  it('looks at so many of the first rows', async () => {
    const model = sequential([rnn({ size }), dense({ size: 1 })], { inputSize, backend });
    const data = sequences(lengths);
    const some = await diagnose(model, data, { loss: meanSquaredError(), rows: 2 });
    expect(some).to.deep.equal(await diagnose(model, data.slice(0, 2), { loss: meanSquaredError() }));
    expect(some.rows).to.equal(2);
  });

  if (addon)
    it('finds the same on native', async () => {
      const other = native();
      const find = async (backend: Backend) => {
        const model = sequential([lstm({ size: 20 }), dense({ size: 1 })], { inputSize, backend, seed: 3 });
        return diagnose(model, sequences([30, 12, 30]), { loss: meanSquaredError() });
      };
      const [here, there] = [await find(backend), await find(other)];
      await other.close();
      for (const state of ['h', 'c'])
        here.layers[0]!.gradients[state]!.forEach((norm, lag) => {
          expect(there.layers[0]!.gradients[state]![lag]).to.be.closeTo(norm, 1e-5 * norm);
        });
      expect(there.layers[0]!.gates).to.deep.equal(here.layers[0]!.gates);
    });

  describe('of a single unit', () => {
    const single = (weights: Record<string, number[]>, options = {}) => {
      const model = sequential([rnn({ size: 1, bias: false, ...options }), dense({ size: 1, bias: false })], {
        inputSize: 1,
        backend,
      });
      for (const [name, values] of Object.entries(weights)) model.parameter(name)!.write(values);
      return model;
    };
    const ones = (lengths: readonly number[], x: (row: number, t: number) => number = () => 0) =>
      dataset({
        sequences: lengths.map((length, row) => Float64Array.from({ length }, (_, t) => x(row, t))),
        targets: lengths.map(() => 1),
      });
    const weights = (input: number, recurrent: number) => ({
      'rnn.inputWeight': [input],
      'rnn.recurrentWeight': [recurrent],
      'dense.weight': [1],
    });

    it('tells beyond which lag gradients vanish', async () => {
      const halved = await diagnose(single(weights(1, 0.5)), ones([30]), { loss: meanSquaredError() });
      for (const [lag, norm] of halved.layers[0]!.gradients.h!.entries())
        expect(norm).to.be.closeTo(2 * 0.5 ** lag, 1e-9);
      expect(halved.layers[0]!.vanishesBeyond).to.deep.equal({ h: 9 }); // 2⁻⁹ is above 1/1000, 2⁻¹⁰ below
      const kept = await diagnose(single(weights(1, 1)), ones([30]), { loss: meanSquaredError() });
      expect(kept.layers[0]!.vanishesBeyond).to.deep.equal({});
      expect(kept).not.to.have.property('trouble');
    });

    it('names where a gradient explodes: the first that is too large, going back', async () => {
      const model = single(weights(1, 2), { activation: 'relu' });
      const data = ones([4, 30, 9, 30], row => (row === 3 ? 1 : 0.5));
      // Doubled at each step back: 2¹⁰ is the first above 1000. Row 1 comes before row 3.
      const { trouble } = await diagnose(model, data, { loss: meanSquaredError() });
      expect(trouble).to.include({ kind: 'gradient', layer: 'rnn', state: 'h', step: 30 - 1 - 10, row: 1 });
      const later = await diagnose(model, data.slice(2), { loss: meanSquaredError(), exploded: 2 ** 20 });
      expect(later.trouble).to.include({ step: 30 - 1 - 21, row: 1 });
      expect((await diagnose(model, data.slice(0, 1), { loss: meanSquaredError() })).trouble).to.equal(undefined);
    });

    it('names the layer where a gradient explodes that comes first, going back', async () => {
      const layers = [
        rnn({ size: 1, bias: false, activation: 'relu', output: 'sequence' }),
        rnn({ size: 1, bias: false, activation: 'relu' }),
      ];
      const model = sequential([...layers, dense({ size: 1, bias: false })], { inputSize: 1, backend });
      const explodes = (first: number, second: number) => {
        for (const parameter of model.parameters) parameter.write([1]);
        model.parameter('rnn.recurrentWeight')!.write([first]);
        model.parameter('rnn_2.recurrentWeight')!.write([second]);
        return diagnose(
          model,
          ones([20], () => 1),
          { loss: meanSquaredError() },
        );
      };
      expect((await explodes(3, 3)).trouble).to.include({ layer: 'rnn_2', step: 20 - 1 - 7 }); // 3⁷ is above 1000
      expect((await explodes(3, 0.5)).trouble).to.include({ layer: 'rnn' });
      expect((await explodes(0.5, 3)).trouble).to.include({ layer: 'rnn_2' });
    });

    it('names where a state ceases to be finite: the first that does, going forward', async () => {
      const model = sequential(
        [
          rnn({ size: 1, bias: false, activation: 'relu', output: 'sequence' }),
          gru({ size: 2 }),
          dense({ size: 1, bias: false }),
        ],
        { inputSize: 1, backend },
      );
      model.parameter('rnn.inputWeight')!.write([1]);
      model.parameter('rnn.recurrentWeight')!.write([1e200]);
      const data = ones([3, 2, 9], (row, t) => (row === 2 && t >= 4 ? 1 : 0)); // 1, 1e200, 1e400
      const { trouble } = await diagnose(model, data, { loss: meanSquaredError() });
      expect(trouble).to.deep.equal({
        ...{ kind: 'state', layer: 'rnn', state: 'h', step: 5, row: 2 },
        norm: Number.POSITIVE_INFINITY,
      });
    });

    it('names an input that is not a number, and a target', async () => {
      const model = single(weights(1, 0.5));
      const nowhere = ones([3, 5], (row, t) => (row === 1 && t === 2 ? Number.NaN : 0));
      const { trouble } = await diagnose(model, nowhere, { loss: meanSquaredError() });
      expect(trouble).to.deep.include({ kind: 'state', layer: 'rnn', step: 2, row: 1, norm: Number.NaN });
      const target = dataset({
        sequences: [
          [0, 0],
          [0, 0, 0],
        ],
        targets: [1, Number.NaN],
      });
      expect((await diagnose(model, target, { loss: meanSquaredError() })).trouble).to.deep.include({
        ...{ kind: 'gradient', layer: 'rnn', step: 2, row: 1, norm: Number.NaN },
      });
    });

    it('counts saturated values of gates, and units that never move', async () => {
      const rows = ones([4], (_, t) => [3, -3, 0.1, 0][t]!);
      const saturated = await diagnose(single(weights(1, 0)), rows, { loss: meanSquaredError() });
      expect(saturated.layers[0]!.gates).to.deep.equal({ a: { low: 0.25, high: 0.25 } });
      expect(saturated.layers[0]!.dead).to.deep.equal([]);
      const relu = await diagnose(single(weights(-1, 0), { activation: 'relu' }), rows, { loss: meanSquaredError() });
      expect(relu.layers[0]!.gates).to.deep.equal({ a: { low: 0.75, high: 0 } });
      const dead = await diagnose(single(weights(0, 0.5)), rows, { loss: meanSquaredError() });
      expect(dead.layers[0]!.dead).to.deep.equal([0]);

      const model = sequential([lstm({ size: 2 }), dense({ size: 1 })], { inputSize: 1, backend });
      // Gates i f g o of two units each: closed and open, half, half, open and half.
      model.parameter('lstm.bias')!.write([-9, 9, 0, 0, 0, 0, 9, 0]);
      for (const name of ['lstm.inputWeight', 'lstm.recurrentWeight']) {
        const parameter = model.parameter(name)!;
        parameter.write(new Float64Array(parameter.size));
      }
      const { layers } = await diagnose(model, rows, { loss: meanSquaredError() });
      expect(layers[0]!.gates).to.deep.equal({
        i: { low: 0.5, high: 0.5 },
        f: { low: 0, high: 0 },
        g: { low: 0, high: 0 },
        o: { low: 0, high: 0.5 },
      });
    });
  });

  it('refuses what it cannot look into', async () => {
    const vectors = sequential([dense({ size: 1 })], { inputSize: 2, input: 'sequence', backend });
    const steps = dataset({ sequences: [[[1, 2]]], targets: [[[1]]], per: 'token' });
    expect(await codeOf(diagnose(vectors, steps, { loss: meanSquaredError() }))).to.equal('ERR_ARGUMENT');
    const model = sequential([rnn({ size }), dense({ size: 1 })], { inputSize, backend });
    expect(await codeOf(diagnose(model, sequences(lengths)))).to.equal('ERR_ARGUMENT');
    const loss = meanSquaredError();
    for (const strange of [{ rows: 0 }, { vanished: -1 }, { exploded: Number.NaN }])
      expect(await codeOf(diagnose(model, sequences(lengths), { loss, ...strange }))).to.equal('ERR_ARGUMENT');
    expect(await codeOf(diagnose(model, sequences([]), { loss }))).to.equal('ERR_DATA');
    expect(await codeOf(diagnose(model, sequences(lengths, 2), { loss }))).to.equal('ERR_DATA');
  });
});
