import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { NumberArray } from '../../lib/backend/backend.ts';
import { js } from '../../lib/backend/js-backend.ts';
import { addon } from '../../lib/backend/load.ts';
import { native } from '../../lib/backend/native-backend.ts';
import { type Batch, batches } from '../../lib/data/batches.ts';
import { type Dataset, dataset } from '../../lib/data/dataset.ts';
import { unpackRows } from '../../lib/data/ragged.ts';
import { dense } from '../../lib/layers/dense.ts';
import { dropout } from '../../lib/layers/dropout.ts';
import { embedding } from '../../lib/layers/embedding.ts';
import { gru } from '../../lib/layers/gru.ts';
import type { LayerDescription } from '../../lib/layers/layer.ts';
import { lstm } from '../../lib/layers/lstm.ts';
import { penalty } from '../../lib/layers/penalty.ts';
import { rnn } from '../../lib/layers/rnn.ts';
import { crossEntropy } from '../../lib/losses/cross-entropy.ts';
import { meanSquaredError } from '../../lib/losses/mean-squared-error.ts';
import { load } from '../../lib/models/load.ts';
import type { Model } from '../../lib/models/model.ts';
import { sequential } from '../../lib/models/sequential.ts';
import { adam } from '../../lib/optimizers/adam.ts';
import { sgd } from '../../lib/optimizers/sgd.ts';
import { record } from '../../lib/program/recording.ts';
import { bindInputs } from '../../lib/training/feeds.ts';
import { train } from '../../lib/training/train.ts';
import { codeOf } from '../code-of.ts';
import { checkModelGradients } from '../models/check-model-gradients.ts';
import { raggedIds, raggedVectors } from '../models/ragged-data.ts';

const steps = { output: 'sequence' } as const;

describe('regularisation', () => {
  const exact = js({ precision: 'float64' });
  after(() => exact.close());
  const options = { backend: exact, inputSize: 3, seed: 2 } as const;
  const onlyBatch = (data: Dataset) => [...batches(data, { batchSize: data.length })][0] as Batch;

  /** What a model gives in a step of training, as sequences. */
  const inTraining = (model: Model, data: Dataset, step = 1): number[][][] => {
    const program = record(recording => ({ y: model.record(recording) }), { mode: 'train' });
    const batch = onlyBatch(data);
    const { sizes, values } = bindInputs(batch, model.inputs, 'float64');
    const executable = exact.load(program, { parameters: model.parameters.storage });
    const { y } = executable.runSync({ sizes, values: { ...values, clock: Int32Array.of(step, 0) } });
    if (batch.input.kind === 'vector') throw new Error('expected sequences');
    const { size } = model.output;
    return unpackRows(y as Float64Array, size, batch.input.layout).map(row =>
      Array.from({ length: row.length / size }, (_, t) => [...row.subarray(t * size, (t + 1) * size)]),
    );
  };

  const ids = [[0, 1, 2, 3, 1], [2], [], [3, 3, 0, 2, 1, 1]];
  const words = dataset({ ids, classes: ids, per: 'token' });
  const table = Float64Array.from({ length: 8 }, (_, k) => k + 1);
  const readOf = (given: Partial<Parameters<typeof embedding>[0]>) => {
    const model = sequential([embedding({ vocabulary: 4, size: 2, ...given })], options);
    model.parameter('embedding.weight')!.write(table);
    return (step: number) => inTraining(model, words, step);
  };
  const rowOf = (id: number) => [2 * id + 1, 2 * id + 2];

  it('by dropping words of the table drops all tokens of a word, others in another step', () => {
    const read = readOf({ dropout: 0.5 });
    const dropped = new Set<string>();
    for (let step = 1; step <= 20; step++) {
      const factors = new Map<number, number>();
      for (const [at, row] of read(step).entries())
        for (const [t, vector] of row.entries()) {
          const id = ids[at]![t]!;
          const factor = vector[0]! / rowOf(id)[0]!;
          expect(factor).to.be.oneOf([0, 2]);
          expect(vector).to.deep.equal(rowOf(id).map(value => value * factor));
          expect(factors.get(id) ?? factor).to.equal(factor);
          factors.set(id, factor);
        }
      dropped.add([0, 1, 2, 3].map(id => factors.get(id)).join());
    }
    expect(dropped.size).to.be.greaterThan(8);
  });

  it('by dropping words reads some tokens as the unknown word, as they are otherwise', () => {
    const read = readOf({ wordDropout: 0.4, unknownId: 2 });
    let [known, unknown] = [0, 0];
    for (let step = 1; step <= 60; step++)
      for (const [at, row] of read(step).entries())
        for (const [t, vector] of row.entries()) {
          const id = ids[at]![t]!;
          if (id === 2) continue;
          if (vector[0] === rowOf(2)[0]) unknown++;
          else known++;
          expect(vector).to.be.deep.oneOf([rowOf(id), rowOf(2)]);
        }
    expect(unknown / (known + unknown)).to.be.closeTo(0.4, 4 * Math.sqrt((0.4 * 0.6) / (known + unknown)));
  });

  it('by dropout with one mask takes the same features from all steps of a sequence', () => {
    const sequences = [5, 1, 0, 7].map(length => Array.from({ length }, () => new Array<number>(8).fill(1)));
    const data = dataset({ sequences, size: 8 });
    const of = (mask: 'step' | 'sequence') =>
      inTraining(sequential([dropout({ rate: 0.5, mask })], { ...options, inputSize: 8, input: 'sequence' }), data);
    const locked = of('sequence');
    for (const row of locked) for (const vector of row) expect(vector).to.deep.equal(row[0]);
    expect(locked[0]![0]).not.to.deep.equal(locked[3]![0]);
    expect(new Set(locked.flat(2))).to.deep.equal(new Set([0, 2]));
    const free = of('step');
    expect(free[3]![1]).not.to.deep.equal(free[3]![0]);
  });

  it('by weight dropout takes the same weights from all sequences in a step of training', () => {
    // From a state of ones, without input, the state after one step is Σ of the kept weights.
    const model = sequential(
      [rnn({ size: 6, ...steps, activation: 'relu', bias: false, weightDropout: 0.5, initialState: 'learned' })],
      options,
    );
    model.parameter('rnn.h0')!.write(new Array(6).fill(1));
    model.parameter('rnn.recurrentWeight')!.write(Array.from({ length: 36 }, (_, k) => 2 ** Math.floor(k / 6)));
    const nothing = dataset({ sequences: [[[0, 0, 0]], [[0, 0, 0]]] });
    const [a, b] = inTraining(model, nothing);
    expect(a).to.deep.equal(b);
    for (const sum of a![0]!)
      expect(sum / 2)
        .to.satisfy(Number.isInteger)
        .and.to.be.within(0, 63);
    expect(new Set(a![0]).size).to.be.greaterThan(1);
    expect(inTraining(model, nothing, 2)[0]).not.to.deep.equal(a);
  });

  describe('by penalties', () => {
    /** Loss of a model that passes on what it reads, against targets that are what it gives: penalties alone. */
    const cost = async (given: Parameters<typeof penalty>[0], sequences: number[][][]) => {
      const model = sequential([dense({ size: 2, bias: false }), penalty(given)], {
        ...options,
        inputSize: 2,
        input: 'sequence',
      });
      model.parameter('dense.weight')!.write([1, 0, 0, 1]);
      const data = dataset({ sequences, size: 2, targets: sequences, per: 'token' });
      const still = { loss: meanSquaredError(), optimizer: sgd({ learningRate: 1e-30 }) };
      for await (const { loss } of train(model, batches(data), still)) return loss;
      throw new Error('no step');
    };
    const sequences = [
      [
        [1, 2],
        [3, 5],
        [2, 2],
      ],
      [[4, 0]],
      [],
      [
        [1, 1],
        [0, 3],
      ],
    ];

    it('costs the mean square of activations and of their changes', async () => {
      const squares = sequences.flat(2).map(value => value * value);
      const mean = squares.reduce((sum, value) => sum + value) / squares.length;
      expect(await cost({ activation: 0.5 }, sequences)).to.be.closeTo(0.5 * mean, 1e-12);
      const changes = (4 + 9 + (1 + 9) + (1 + 4)) / 12;
      expect(await cost({ change: 3 }, sequences)).to.be.closeTo(3 * changes, 1e-12);
      expect(await cost({ activation: 0.5, change: 3 }, sequences)).to.be.closeTo(0.5 * mean + 3 * changes, 1e-12);
      expect(await cost({ change: 3 }, [[[4, 2]], []])).to.equal(0);
    });

    it('costs nothing in evaluation', async () => {
      const model = sequential([gru({ size: 2, ...steps }), penalty({ activation: 9, change: 9 })], options);
      const plain = sequential([gru({ size: 2, ...steps })], options);
      const data = raggedVectors({ per: 'token' });
      const loss = meanSquaredError();
      expect(await model.evaluate(data, { loss })).to.deep.equal(await plain.evaluate(data, { loss }));
    });

    it('counts what a window has in that window alone', async () => {
      const losses = async (window: { forward: number; backward: number }) => {
        const model = sequential([gru({ size: 2, ...steps }), penalty({ activation: 9 })], options);
        const found: number[] = [];
        const still = { loss: meanSquaredError(), optimizer: sgd({ learningRate: 1e-30 }), window };
        for await (const { loss } of train(model, batches(raggedVectors({ per: 'token' })), still)) found.push(loss);
        return found;
      };
      const near = await losses({ forward: 2, backward: 2 });
      const far = await losses({ forward: 2, backward: 4 });
      far.forEach((loss, index) => {
        expect(loss).to.be.closeTo(near[index]!, 1e-12);
      });
    });
  });

  const read = embedding({ vocabulary: 7, size: 4, dropout: 0.3, wordDropout: 0.3, unknownId: 1 });
  const tail: readonly LayerDescription[] = [
    lstm({ size: 4, ...steps, weightDropout: 0.3, recurrentDropout: 0.2 }),
    penalty({ change: 2 }),
    dropout({ rate: 0.3, mask: 'sequence' }),
    penalty({ activation: 1 }),
    dense({ size: 3 }),
  ];

  it('has the gradients that finite differences have', () => {
    const loss = crossEntropy();
    checkModelGradients(sequential([read, rnn({ size: 3 })], options), raggedIds(), loss);
    for (const cell of [rnn, gru, lstm])
      checkModelGradients(
        sequential([cell({ size: 4, weightDropout: 0.4 }), dense({ size: 3 })], options),
        raggedVectors({ outputs: 3 }),
        meanSquaredError(),
      );
    checkModelGradients(sequential([read, ...tail], options), raggedIds({ per: 'token' }), loss);
  });

  it('takes the same steps on both backends, and none in inference; its options are in the file', async function () {
    if (!addon) this.skip();
    const data = raggedIds({ per: 'token' });
    const folder = mkdtempSync(join(tmpdir(), 'recurra-'));
    const backends = [js(), native()];
    const runs: { losses: number[]; outputs: NumberArray[]; again: NumberArray[]; trainable: number[] }[] = [];
    for (const backend of backends) {
      const model = sequential([read, ...tail], { backend, seed: 4 });
      const training = { loss: crossEntropy(), optimizer: adam({ learningRate: 0.01 }), epochs: 4 };
      const { epochs } = await model.fit(data, training);
      await model.save(join(folder, 'model.safetensors'));
      const again = await load(join(folder, 'model.safetensors'), { backend });
      const asked = { ids: [[1, 2, 3], [4]] };
      runs.push({
        losses: epochs.map(({ loss }) => loss),
        outputs: await model.predict(asked),
        again: await again.predict(asked),
        trainable: (await again.fit(data, training)).epochs.map(({ loss }) => loss),
      });
    }
    const [slow, fast] = runs as [(typeof runs)[0], (typeof runs)[0]];
    for (const key of ['losses', 'trainable'] as const)
      slow[key].forEach((loss, index) => {
        expect(fast[key][index]).to.be.closeTo(loss, 1e-5 * loss);
      });
    expect(fast.again).to.deep.equal(fast.outputs);
    for (const backend of backends) await backend.close();
    rmSync(folder, { recursive: true });
  });

  it('refuses rates and words that cannot be', () => {
    for (const wrong of [
      () => embedding({ vocabulary: 4, size: 2, dropout: 1 }),
      () => embedding({ vocabulary: 4, size: 2, wordDropout: 0.1 }),
      () => embedding({ vocabulary: 4, size: 2, wordDropout: 0.1, unknownId: 4 }),
      () => lstm({ size: 2, weightDropout: -0.1 }),
      () => dropout({ rate: 0.1, mask: 'batch' as 'step' }),
      () => penalty({ activation: -1 }),
      () => penalty({ change: Number.NaN }),
    ])
      expect(codeOf(wrong), wrong.toString()).to.equal('ERR_ARGUMENT');
    const onVectors = () => sequential([dense({ size: 2 }), penalty({ change: 1 })], options);
    expect(codeOf(onVectors)).to.equal('ERR_SHAPE');
  });
});
