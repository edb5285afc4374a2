import { expect } from 'chai';
import { js } from '../../lib/backend/js-backend.ts';
import { addon } from '../../lib/backend/load.ts';
import { native } from '../../lib/backend/native-backend.ts';
import { batches } from '../../lib/data/batches.ts';
import { dataset } from '../../lib/data/dataset.ts';
import { bidirectional } from '../../lib/layers/bidirectional.ts';
import { dense } from '../../lib/layers/dense.ts';
import { embedding } from '../../lib/layers/embedding.ts';
import { gru } from '../../lib/layers/gru.ts';
import type { LayerDescription } from '../../lib/layers/layer.ts';
import { lstm } from '../../lib/layers/lstm.ts';
import { rnn } from '../../lib/layers/rnn.ts';
import { crossEntropy } from '../../lib/losses/cross-entropy.ts';
import { graph } from '../../lib/models/graph.ts';
import { sequential } from '../../lib/models/sequential.ts';
import { adam } from '../../lib/optimizers/adam.ts';
import { sgd } from '../../lib/optimizers/sgd.ts';
import { Random } from '../../lib/random/random.ts';
import { type TrainStep, train } from '../../lib/training/train.ts';
import type { TrainerOptions } from '../../lib/training/trainer.ts';
import { codeOfRejection } from '../code-of.ts';

const steps = { output: 'sequence' } as const;
const vocabulary = 5;
const ignore = 9;

/** Ids, each with the one two steps before it as its class. */
function rows(...lengths: number[]): number[][] {
  const random = new Random(6);
  return lengths.map(length => Array.from({ length }, () => random.below(vocabulary)));
}

/** @param from classes of earlier steps do not count */
function echo(ids: number[][], from = 0) {
  const classes = ids.map(row => row.map((_, at) => (at < from ? ignore : (row[at - 2] ?? 0))));
  return dataset({ ids, classes, per: 'token' });
}

describe('training on windows of time', () => {
  const exact = js({ precision: 'float64' });
  after(() => exact.close());

  const model = (backend = exact) =>
    sequential(
      [
        embedding({ vocabulary, size: 4 }),
        lstm({ size: 6, ...steps, initialState: 'learned' }),
        gru({ size: 5, ...steps }),
        dense({ size: vocabulary }),
      ],
      { backend, seed: 3 },
    );
  /** Parameters stay as they are but for some 1e-30, so that all steps see the same. */
  const still = { loss: crossEntropy({ ignore }), optimizer: sgd({ learningRate: 1e-30 }) };

  const run = async (of: ReturnType<typeof model>, data: ReturnType<typeof dataset>, options: TrainerOptions) => {
    const found: TrainStep[] = [];
    for await (const step of train(of, batches(data), options)) found.push(step);
    return found;
  };
  /** Draws initial states that are not zeros. */
  const started = () => {
    const of = model();
    const random = new Random(1);
    for (const name of ['lstm.h0', 'lstm.c0'])
      of.parameter(name)!.write(Float64Array.from({ length: 6 }, () => random.normal()));
    return of;
  };

  it('gives every step the state that the steps before it lead to', async () => {
    const data = echo(rows(7, 3, 10, 0, 1));
    const [whole] = await run(started(), data, still);
    for (const window of [1, 2, 3, 7, { forward: 2, backward: 6 }]) {
      const windows = await run(started(), data, { ...still, window });
      const { forward } = typeof window === 'number' ? { forward: window } : window;
      expect(windows).to.have.length(Math.ceil(10 / forward));
      expect(windows.reduce((sum, { tokens }) => sum + tokens, 0)).to.equal(21);
      const mean = windows.reduce((sum, { loss, rows }) => sum + loss * rows, 0) / 21;
      expect(mean).to.be.closeTo(whole!.loss, 1e-12);
    }
  });

  it('is training on whole sequences where they fit into one', async () => {
    const data = echo(rows(4, 2, 5));
    const options = { loss: crossEntropy(), optimizer: adam() };
    const [a, b] = [model(), model()];
    await run(a, data, options);
    await run(b, data, { ...options, window: 5 });
    expect(b.parameters.array).to.deep.equal(a.parameters.array);
  });

  it('differentiates through as many steps as it is told', async () => {
    const ids = rows(8, 6);
    const norms = async (window: TrainerOptions['window']) =>
      (await run(started(), echo(ids), { ...still, window })).map(({ gradientNorm }) => gradientNorm);
    /** Of the loss at steps 2 to 3, 4 to 5, 6 to 7, through all that come before. */
    const through = async (from: number) => {
      const [step] = await run(
        started(),
        echo(
          ids.map(row => row.slice(0, from + 2)),
          from,
        ),
        still,
      );
      return step!.gradientNorm;
    };
    const whole = [await through(0), await through(2), await through(4), await through(6)];
    const far = await norms({ forward: 2, backward: 8 });
    for (const [index, norm] of far.entries()) expect(norm).to.be.closeTo(whole[index]!, 1e-12);

    const once = await norms({ forward: 2, backward: 4 });
    expect(once[1]).to.be.closeTo(whole[1]!, 1e-12);
    expect(Math.abs(once[2]! - whole[2]!)).to.be.greaterThan(1e-6);
    const least = await norms(2);
    expect(least[0]).to.be.closeTo(whole[0]!, 1e-12);
    expect(Math.abs(least[1]! - whole[1]!)).to.be.greaterThan(1e-6);
  });

  for (const [name, make] of [
    ['js', js],
    ['native', native],
  ] as const)
    it(`learns what a window alone does not show, on ${name}`, async function () {
      if (name === 'native' && !addon) this.skip();
      const backend = make();
      const of = model(backend as ReturnType<typeof js>);
      const { epochs } = await of.fit(echo(rows(...new Array<number>(24).fill(30))), {
        loss: crossEntropy(),
        optimizer: adam({ learningRate: 0.02 }),
        epochs: 30,
        batchSize: 24,
        window: { forward: 3, backward: 6 },
      });
      expect(epochs.at(-1)!.accuracy).to.be.greaterThan(0.9);
      await backend.close();
    });

  it('refuses what cannot be cut', async () => {
    const data = echo(rows(3, 4));
    const on = (...layers: LayerDescription[]) =>
      codeOfRejection(
        run(sequential([embedding({ vocabulary, size: 3 }), ...layers], { backend: exact }), data, {
          ...still,
          window: 2,
        }),
      );
    expect(await on(rnn({ size: 5, ...steps }))).to.equal(undefined);
    expect(await on(rnn({ size: 5 }))).to.equal('ERR_ARGUMENT');
    expect(await on(rnn({ size: 5, ...steps, direction: 'backward' }))).to.equal('ERR_ARGUMENT');
    expect(await on(bidirectional(rnn({ size: 5, ...steps })))).to.equal('ERR_ARGUMENT');
    expect(await codeOfRejection(run(model(), data, { ...still, window: 0 }))).to.equal('ERR_ARGUMENT');
    const given = graph(
      {
        words: { layer: embedding({ vocabulary, size: 3 }) },
        first: { layer: rnn({ size: 5 }) },
        second: { layer: rnn({ size: 5, ...steps }), from: 'words', state: 'first' },
      },
      { backend: exact },
    );
    expect(await codeOfRejection(run(given, data, { ...still, window: 2 }))).to.equal('ERR_ARGUMENT');
  });
});
