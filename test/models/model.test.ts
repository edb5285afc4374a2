import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { js } from '../../lib/backend/js-backend.ts';
import { batches } from '../../lib/data/batches.ts';
import { dataset } from '../../lib/data/dataset.ts';
import { bidirectional } from '../../lib/layers/bidirectional.ts';
import { dense } from '../../lib/layers/dense.ts';
import { dropout } from '../../lib/layers/dropout.ts';
import { embedding } from '../../lib/layers/embedding.ts';
import { gru } from '../../lib/layers/gru.ts';
import { lstm } from '../../lib/layers/lstm.ts';
import { rnn } from '../../lib/layers/rnn.ts';
import { binaryCrossEntropy } from '../../lib/losses/binary-cross-entropy.ts';
import { crossEntropy } from '../../lib/losses/cross-entropy.ts';
import { meanSquaredError } from '../../lib/losses/mean-squared-error.ts';
import { graph } from '../../lib/models/graph.ts';
import { load } from '../../lib/models/load.ts';
import { sequential } from '../../lib/models/sequential.ts';
import { adam } from '../../lib/optimizers/adam.ts';
import { sgd } from '../../lib/optimizers/sgd.ts';
import { Random } from '../../lib/random/random.ts';
import { earlyStopping } from '../../lib/training/callbacks/early-stopping.ts';
import { train, trainerOf } from '../../lib/training/train.ts';

/** Sequences of ids below 6 whose class is whether the first id is odd: what is asked stands `length` steps back. */
function firstIsOdd(count: number, length: number, seed = 1) {
  const random = new Random(seed);
  const ids = Array.from({ length: count }, () =>
    Array.from({ length: 1 + random.below(length) }, () => random.below(6)),
  );
  return dataset({ ids, classes: ids.map(row => row[0]! % 2) });
}

async function codeOf(run: () => unknown): Promise<string> {
  try {
    await run();
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  return 'no error';
}

describe('models', function () {
  this.timeout(60_000);
  const backend = js();
  const seed = 3;
  after(() => backend.close());

  const classifier = () =>
    sequential([embedding({ vocabulary: 6, size: 5 }), lstm({ size: 7 }), dense({ size: 1 })], { seed, backend });

  it('learn what stands some steps back', async () => {
    const model = classifier();
    const data = firstIsOdd(400, 6);
    const history = await model.fit(data, {
      loss: binaryCrossEntropy(),
      optimizer: adam({ learningRate: 0.03 }),
      epochs: 8,
      batchSize: 20,
      validationSplit: 0.25,
    });
    expect(history.epochs).to.have.length(8);
    expect(history.last!.valAccuracy).to.be.greaterThan(0.95);
    const others = firstIsOdd(100, 6, 2);
    expect((await model.evaluate(others)).accuracy).to.be.greaterThan(0.95);

    const asked = { ids: [[1, 2, 3, 4]] };
    const [exact] = await model.predict(asked);
    for (const quantize of ['bfloat16', 'int8'] as const) {
      expect((await model.evaluate(others, { quantize })).accuracy).to.be.greaterThan(0.95);
      const [answer] = await model.predict(asked, { quantize });
      expect(answer![0]).to.be.closeTo(exact![0]!, 0.05).and.not.equal(exact![0]);
    }
  });

  it('give the same losses for the same seed and others for another', async () => {
    const losses = async (seed: number) => {
      const model = sequential(
        [
          embedding({ vocabulary: 6, size: 4 }),
          gru({ size: 5, dropout: 0.2, recurrentDropout: 0.3 }),
          dense({ size: 1 }),
        ],
        { seed, backend },
      );
      const { epochs } = await model.fit(firstIsOdd(60, 5), {
        loss: binaryCrossEntropy(),
        optimizer: adam(),
        epochs: 2,
        batchSize: 8,
      });
      return epochs.map(({ loss }) => loss);
    };
    expect(await losses(1)).to.deep.equal(await losses(1));
    expect(await losses(1)).not.to.deep.equal(await losses(2));
  });

  it('predict a row alike alone and among longer and shorter ones', async () => {
    const model = sequential(
      [
        embedding({ vocabulary: 6, size: 4 }),
        bidirectional(lstm({ size: 5, output: 'sequence' })),
        gru({ size: 3 }),
        dense({ size: 2 }),
      ],
      { seed, backend },
    );
    const ids = [[1, 2, 3], [], [4], [5, 0, 1, 2, 3, 4]];
    const together = await model.predict({ ids });
    for (const [index, row] of ids.entries())
      expect((await model.predict({ ids: [row] }))[0]).to.deep.equal(together[index]);
  });

  it('give one output per step where the last layer does', async () => {
    const model = sequential([lstm({ size: 3, output: 'sequence' }), dense({ size: 2 })], {
      seed,
      backend,
      inputSize: 2,
    });
    const outputs = await model.predict({
      sequences: [
        [[1, 2]],
        [
          [3, 4],
          [5, 6],
          [7, 8],
        ],
      ],
    });
    expect(outputs.map(({ length }) => length)).to.deep.equal([2, 6]);
  });

  it('tag tokens: a class for every step', async () => {
    const random = new Random(4);
    const ids = Array.from({ length: 200 }, () => Array.from({ length: 1 + random.below(7) }, () => random.below(4)));
    const classes = ids.map(row => row.map((id, at) => (id + (row[at - 1] ?? 0)) % 3));
    const data = dataset({ ids, classes, per: 'token' });
    const model = sequential(
      [embedding({ vocabulary: 4, size: 6 }), gru({ size: 16, output: 'sequence' }), dense({ size: 3 })],
      { seed, backend },
    );
    await model.fit(data, { loss: crossEntropy(), optimizer: adam({ learningRate: 0.02 }), epochs: 12, batchSize: 16 });
    expect((await model.evaluate(data)).accuracy).to.be.greaterThan(0.95);
  });

  it('forecast: real targets from sequences of vectors', async () => {
    const random = new Random(5);
    const sequences = Array.from({ length: 150 }, () =>
      Array.from({ length: 4 }, () => [random.uniform(), random.uniform()]),
    );
    const targets = sequences.map(steps => [steps.reduce((sum, [a, b]) => sum + a! * b!, 0) / 4]);
    const model = sequential([rnn({ size: 12 }), dense({ size: 1 })], { seed, backend, inputSize: 2 });
    const data = dataset({ sequences, targets });
    const before = (await model.evaluate(data, { loss: meanSquaredError() })).loss;
    await model.fit(data, {
      loss: meanSquaredError(),
      optimizer: adam({ learningRate: 0.01 }),
      epochs: 15,
      batchSize: 10,
    });
    expect((await model.evaluate(data)).loss).to.be.lessThan(before / 20);
  });

  it('need no time axis at all', async () => {
    const vectors = Array.from({ length: 80 }, (_, k) => [Math.sin(k), Math.cos(3 * k)]);
    const data = dataset({ vectors, classes: vectors.map(([a, b]) => (a! > b! ? 1 : 0)) });
    const model = sequential([dense({ size: 8, activation: 'tanh' }), dropout({ rate: 0.1 }), dense({ size: 2 })], {
      seed,
      backend,
      inputSize: 2,
    });
    await model.fit(data, { loss: crossEntropy(), optimizer: adam({ learningRate: 0.05 }), epochs: 10, batchSize: 10 });
    expect((await model.evaluate(data)).accuracy).to.be.greaterThan(0.95);
  });

  it('train as a graph whose layers read several others, forward and backward', async () => {
    const steps = { size: 4, output: 'sequence' } as const;
    const model = graph(
      {
        words: { layer: embedding({ vocabulary: 6, size: 4 }) },
        rnn11: { layer: gru({ ...steps, direction: 'backward' }), from: 'words' },
        rnn12: { layer: gru(steps), from: 'words' },
        rnn21: { layer: gru({ ...steps, direction: 'backward' }), from: ['rnn11', 'rnn12'] },
        rnn22: { layer: gru(steps), from: ['rnn11', 'rnn12'] },
        rnn3: { layer: gru({ size: 5 }), from: ['rnn21', 'rnn22'] },
        outlayer: { layer: dense({ size: 2 }) },
      },
      { seed, backend },
    );
    const data = firstIsOdd(200, 5);
    const { epochs } = await model.fit(data, {
      loss: crossEntropy(),
      optimizer: adam({ learningRate: 0.02 }),
      epochs: 6,
      batchSize: 20,
    });
    expect(epochs.at(-1)!.accuracy).to.be.greaterThan(0.9);
    expect(model.summary()).to.match(/rnn22\s+gru\s+rnn11, rnn12/);
  });

  it('count their parameters: a gru has three quarters of an lstm', () => {
    const count = (layer: Parameters<typeof sequential>[0][number]) =>
      [...sequential([layer], { inputSize: 5, backend }).parameters].reduce((sum, { size }) => sum + size, 0);
    expect(count(lstm({ size: 7 }))).to.equal(4 * (5 * 7 + 7 * 7 + 7));
    expect(count(gru({ size: 7 })) / count(lstm({ size: 7 }))).to.equal(0.75);
    expect(count(lstm({ size: 7, bias: false }))).to.equal(4 * (5 * 7 + 7 * 7));
    expect(count(lstm({ size: 7, biases: 'two' }))).to.equal(4 * (5 * 7 + 7 * 7 + 14));
  });

  it('leave frozen layers as they are', async () => {
    const model = sequential(
      [embedding({ vocabulary: 6, size: 4, trainable: false }), gru({ size: 3 }), dense({ size: 1 })],
      { seed, backend },
    );
    const table = model.parameter('embedding.weight')!.values.slice();
    const head = model.parameter('dense.weight')!.values.slice();
    await model.fit(firstIsOdd(40, 4), { loss: binaryCrossEntropy(), optimizer: sgd({ learningRate: 0.1 }) });
    expect(model.parameter('embedding.weight')!.values).to.deep.equal(table);
    expect(model.parameter('dense.weight')!.values).not.to.deep.equal(head);
    expect(model.summary()).to.contain('24 of them frozen');
  });

  it('stop early and put the best weights back', async () => {
    const model = classifier();
    const data = firstIsOdd(40, 4);
    const { epochs } = await model.fit(data, {
      loss: binaryCrossEntropy(),
      optimizer: sgd({ learningRate: 30 }),
      epochs: 30,
      validation: data,
      callbacks: [earlyStopping({ patience: 1 })],
    });
    expect(epochs.length).to.be.lessThan(30);
    const best = Math.min(...epochs.map(({ valLoss }) => valLoss!));
    expect((await model.evaluate(data)).loss).to.be.closeTo(best, 1e-6);
  });

  it('say which training step went out of bounds and keep their weights', async () => {
    const model = sequential([dense({ size: 1 })], { inputSize: 1, backend });
    const data = dataset({ vectors: [[1e30], [1e30]], targets: [[0], [1]] });
    const before = [...model.parameters].map(({ values }) => values.slice());
    const error = await model.fit(data, { loss: meanSquaredError(), optimizer: sgd() }).catch(e => e);
    expect(error.code).to.equal('ERR_NON_FINITE');
    expect(error.message).to.contain('training step 1');
    expect([...model.parameters].map(({ values }) => values)).to.deep.equal(before);
  });

  it('stop between steps when a loop breaks, and go on with the optimizer where it stood', async () => {
    const data = firstIsOdd(32, 4);
    const options = { loss: binaryCrossEntropy(), optimizer: adam() };
    const model = classifier();
    for await (const { step } of train(model, batches(data, { batchSize: 8 }), options)) if (step === 2) break;
    expect(trainerOf(model, options).steps).to.equal(2);
    const whole = classifier();
    const losses: number[] = [];
    for await (const { loss } of train(whole, batches(data, { batchSize: 8 }), options)) losses.push(loss);
    const rest = [...batches(data, { batchSize: 8 })].slice(2);
    const resumed: number[] = [];
    for await (const { loss } of train(model, rest, options)) resumed.push(loss);
    expect(resumed).to.deep.equal(losses.slice(2));
  });

  it('take a snapshot that later training leaves alone', async () => {
    const model = classifier();
    const data = firstIsOdd(40, 4);
    const before = (await model.evaluate(data, { loss: binaryCrossEntropy() })).loss;
    const copy = await model.snapshot();
    await model.fit(data, { loss: binaryCrossEntropy(), optimizer: adam({ learningRate: 0.1 }) });
    expect((await copy.evaluate(data, { loss: binaryCrossEntropy() })).loss).to.equal(before);
    expect((await model.evaluate(data)).loss).not.to.equal(before);
  });

  describe('in a file', () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'recurra-'));
    });
    afterEach(() => {
      rmSync(folder, { recursive: true });
    });

    it('come back as they were', async () => {
      const model = classifier();
      const data = firstIsOdd(40, 4);
      await model.fit(data, { loss: binaryCrossEntropy(), optimizer: adam() });
      const path = join(folder, 'model.safetensors');
      await model.save(path);
      const again = await load(path, { backend });
      expect(await again.evaluate(data)).to.deep.equal(await model.evaluate(data));
      expect(again.training?.optimizer).to.deep.equal(model.training?.optimizer);
      expect(await again.predict({ ids: [[1, 2]] })).to.deep.equal(await model.predict({ ids: [[1, 2]] }));
    });

    it('are refused when truncated, corrupted or foreign', async () => {
      const model = classifier();
      const path = join(folder, 'model.safetensors');
      await model.save(path);
      truncateSync(path, 700);
      expect(await codeOf(() => load(path, { backend }))).to.equal('ERR_FORMAT');
      writeFileSync(path, 'something else entirely');
      expect(await codeOf(() => load(path, { backend }))).to.equal('ERR_FORMAT');
      expect(await codeOf(() => load(join(folder, 'none'), { backend }))).to.equal('ERR_FILE');
    });
  });

  it('explain what does not fit', async () => {
    const one = { loss: binaryCrossEntropy(), optimizer: adam() };
    const cases: [string, () => unknown][] = [
      [
        'ERR_SHAPE',
        () => sequential([embedding({ vocabulary: 5, size: 2 }), lstm({ size: 3 }), lstm({ size: 3 })], { backend }),
      ],
      ['ERR_ARGUMENT', () => sequential([dense({ size: 3 })], { backend })],
      ['ERR_ARGUMENT', () => lstm({ size: 0 })],
      ['ERR_MEMORY', () => sequential([dense({ size: 2 ** 40 })], { inputSize: 2 ** 20, backend })],
      ['ERR_ARGUMENT', () => lstm({ size: 3, dropout: 1 })],
      ['ERR_ARGUMENT', () => graph({ a: { layer: dense({ size: 2 }), from: 'nowhere' } }, { inputSize: 2, backend })],
      ['ERR_DATA', () => classifier().fit(dataset({ vectors: [[1]], classes: [1] }), one)],
      ['ERR_DATA', () => classifier().fit(dataset({ ids: [[1]] }), one)],
      ['ERR_DATA', () => classifier().fit(dataset({ ids: [[1]], classes: [[1]], per: 'token' }), one)],
      ['ERR_INDEX', () => classifier().fit(dataset({ ids: [[6]], classes: [1] }), one)],
      ['ERR_ARGUMENT', () => classifier().fit(firstIsOdd(4, 2), { ...one, epochs: 0 })],
      ['ERR_ARGUMENT', () => classifier().predict(['a text'])],
    ];
    for (const [code, run] of cases) expect(await codeOf(run), run.toString()).to.equal(code);
  });
});
