import { expect } from 'chai';
import type { Backend } from '../../lib/backend/backend.ts';
import { js } from '../../lib/backend/js-backend.ts';
import { addon } from '../../lib/backend/load.ts';
import { native } from '../../lib/backend/native-backend.ts';
import { batches } from '../../lib/data/batches.ts';
import { type Dataset, dataset } from '../../lib/data/dataset.ts';
import { bidirectional } from '../../lib/layers/bidirectional.ts';
import { dense } from '../../lib/layers/dense.ts';
import { embedding } from '../../lib/layers/embedding.ts';
import { gru } from '../../lib/layers/gru.ts';
import type { LayerDescription } from '../../lib/layers/layer.ts';
import { lstm } from '../../lib/layers/lstm.ts';
import { rnn } from '../../lib/layers/rnn.ts';
import { crossEntropy } from '../../lib/losses/cross-entropy.ts';
import { meanSquaredError } from '../../lib/losses/mean-squared-error.ts';
import { sequential } from '../../lib/models/sequential.ts';
import { adam } from '../../lib/optimizers/adam.ts';
import { sgd } from '../../lib/optimizers/sgd.ts';
import { Random } from '../../lib/random/random.ts';
import type { FitOptions } from '../../lib/training/fit.ts';
import { train } from '../../lib/training/train.ts';
import { codeOfRejection } from '../code-of.ts';

const vocabulary = 5;
const steps = { output: 'sequence' } as const;
const random = new Random(7);
const streamsOf = (...lengths: number[]) =>
  lengths.map(length => Array.from({ length }, () => random.below(vocabulary)));

/** Ids, each with the one two steps before it as its class, in parts of so many steps: all first parts, all second ones… */
function parts(streams: readonly number[][], size: number): Dataset {
  const classes = streams.map(row => row.map((_, at) => row[at - 2] ?? 0));
  const longest = Math.max(...streams.map(({ length }) => length));
  const cut = (rows: readonly number[][]) =>
    Array.from({ length: Math.ceil(longest / size) }, (_, part) =>
      rows.map(row => row.slice(part * size, (part + 1) * size)),
    ).flat();
  return dataset({ ids: cut(streams), classes: cut(classes), per: 'token' });
}

describe('states carried from batch to batch', () => {
  const exact = js({ precision: 'float64' });
  after(() => exact.close());

  const model = (backend: Backend = exact) =>
    sequential(
      [
        embedding({ vocabulary, size: 4 }),
        lstm({ size: 6, ...steps, initialState: 'learned', dropout: 0.2 }),
        rnn({ size: 4, order: 3, ...steps, initialState: 'learned' }),
        gru({ size: 5, ...steps }),
        dense({ size: vocabulary }),
      ],
      { backend, seed: 3 },
    );
  const streams = streamsOf(24, 24, 24);
  const options = { loss: crossEntropy(), optimizer: adam({ learningRate: 0.01 }), epochs: 3, batchSize: 3 };
  /** Parameters stay as they are but for some 1e-30. */
  const still = { loss: crossEntropy(), optimizer: sgd({ learningRate: 1e-30 }), epochs: 2, batchSize: 3 };

  for (const [name, make] of [
    ['js', () => js({ precision: 'float64' })],
    ['native', native],
  ] as const)
    it(`a stream in batches trains as it does on windows of the whole, bit for bit, on ${name}`, async function () {
      if (name === 'native' && !addon) this.skip();
      const backend = make();
      const fitted = async (data: Dataset, more: Partial<FitOptions>) => {
        const of = model(backend);
        const { epochs } = await of.fit(data, { ...options, ...more });
        return { losses: epochs.map(({ loss }) => loss), parameters: [...of.parameters.array] };
      };
      const expected = await fitted(parts(streams, 24), { window: 4, shuffle: false });
      expect((await fitted(parts(streams, 4), { carry: true })).parameters).to.deep.equal(expected.parameters);
      expect(await fitted(parts(streams, 8), { carry: true, window: 4 })).to.deep.equal(expected);
      expect((await fitted(parts(streams, 4), { shuffle: false })).parameters).not.to.deep.equal(expected.parameters);
      await backend.close();
    });

  it('begin anew in every epoch and every call', async () => {
    const of = sequential(
      [embedding({ vocabulary, size: 4 }), gru({ size: 5, ...steps }), dense({ size: vocabulary })],
      { backend: exact, seed: 3 },
    );
    const losses = [];
    for (const epochs of [2, 1]) {
      const history = await of.fit(parts(streams, 4), { ...still, carry: true, epochs });
      losses.push(...history.epochs.map(({ loss }) => loss));
    }
    for (const loss of losses) expect(loss).to.be.closeTo(losses[0]!, 1e-12);
  });

  it('are those of each row, also of rows that have ended, whatever windows there are', async () => {
    const ragged = streamsOf(10, 7, 12);
    const of = () => {
      const layers = [embedding({ vocabulary, size: 4 }), lstm({ size: 6, ...steps, initialState: 'learned' })];
      const built = sequential([...layers, dense({ size: vocabulary })], { backend: exact, seed: 3 });
      const drawn = new Random(1);
      for (const name of ['lstm.h0', 'lstm.c0'])
        built.parameter(name)!.write(Float64Array.from({ length: 6 }, () => drawn.normal()));
      return built;
    };
    const whole = (await of().fit(parts(ragged, 12), still)).last!.loss;
    for (const window of [undefined, 1, 3, { forward: 1, backward: 3 }]) {
      const { last } = await of().fit(parts(ragged, 4), { ...still, carry: true, window });
      expect(last!.loss).to.be.closeTo(whole, 1e-12);
    }
    expect((await of().fit(parts(ragged, 4), still)).last!.loss).not.to.be.closeTo(whole, 1e-6);
  });

  it('outlast a batch in which no row has a step', async () => {
    const data = parts(streams, 8);
    const empty = dataset({ ids: [[], [], []], classes: [[], [], []], per: 'token' });
    const losses = async (...sets: Dataset[]) => {
      const found: number[] = [];
      const passing = sets.flatMap(of => [...batches(of, { batchSize: 3 })]);
      for await (const { loss, rows } of train(model(), passing, { ...still, carry: true, window: 4 }))
        if (rows > 0) found.push(loss);
      return found;
    };
    const between = await losses(data.slice(0, 3), empty, data.slice(3));
    expect(between).to.have.length(6);
    expect(between).to.deep.equal(await losses(data));
  });

  it('go on in models that answer once for each batch of a stream', async () => {
    const numbers = (length: number) => Array.from({ length }, () => random.normal());
    const rows = [numbers(12), numbers(12)];
    const targets = [numbers(3), numbers(3)];
    const build = (output: 'last' | 'sequence') =>
      sequential([rnn({ size: 4, output }), dense({ size: 1 })], { backend: exact, inputSize: 1, seed: 2 });
    const cut = dataset({
      sequences: [0, 4, 8].flatMap(at => rows.map(row => row.slice(at, at + 4))),
      targets: [0, 1, 2].flatMap(part => targets.map(row => row[part]!)),
    });
    const everyFourth = (row: number[]) =>
      Array.from({ length: 12 }, (_, at) => (at % 4 === 3 ? row[(at - 3) / 4]! : 0));
    const whole = dataset({
      sequences: rows,
      targets: targets.map(everyFourth),
      weights: targets.map(() => everyFourth([1, 1, 1])),
      per: 'token',
    });
    const loss = { ...still, loss: meanSquaredError(), batchSize: 2, epochs: 1 };
    const expected = (await build('sequence').fit(whole, loss)).last!.loss;
    expect((await build('last').fit(cut, { ...loss, carry: true })).last!.loss).to.be.closeTo(expected, 1e-12);
    expect((await build('last').fit(cut, { ...loss, shuffle: false })).last!.loss).not.to.be.closeTo(expected, 1e-6);
  });

  it('refuse what cannot go on', async () => {
    const data = parts(streams, 4);
    const fitting = (more: Partial<FitOptions>, of = model()) => of.fit(data, { ...still, carry: true, ...more });
    const message = (promise: Promise<unknown>) =>
      promise.then(
        () => '',
        (error: Error & { code: string }) => `${error.code} ${error.message}`,
      );
    expect(await message(fitting({ batchSize: 4 }))).to.equal(
      'ERR_ARGUMENT fit: with carry all batches need as many rows; of 18 by 4 the last has 2. Leave it out (dropLast: true), or choose a batchSize that divides them',
    );
    expect(await message(fitting({ batchSize: 4, dropLast: true }))).to.equal('');
    expect(await message(fitting({ shuffle: true }))).to.match(/^ERR_ARGUMENT fit: shuffle puts rows in another order/);
    expect(await message(fitting({ bucketing: true }))).to.match(/^ERR_ARGUMENT fit: bucketing puts rows/);
    expect(await message(fitting({ carry: false, batchSize: 20, dropLast: true }))).to.match(/^ERR_DATA fit: dropLast/);
    const run = async () => {
      for await (const _ of train(model(), batches(data, { batchSize: 4 }), { ...still, carry: true }));
    };
    expect(await message(run())).to.match(
      /^ERR_ARGUMENT train: with carry row i of a batch goes on in row i of the next; this one has 2 rows, those before it 4/,
    );
    const on = (layer: LayerDescription) =>
      codeOfRejection(
        fitting(
          {},
          sequential([embedding({ vocabulary, size: 3 }), layer, dense({ size: vocabulary })], { backend: exact }),
        ),
      );
    expect(await on(rnn({ size: 5, ...steps }))).to.equal(undefined);
    expect(await on(rnn({ size: 5, ...steps, direction: 'backward' }))).to.equal('ERR_ARGUMENT');
    expect(await on(bidirectional(rnn({ size: 5, ...steps })))).to.equal('ERR_ARGUMENT');
  });
});
