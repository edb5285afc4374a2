import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { js } from '../../lib/backend/js-backend.ts';
import { addon } from '../../lib/backend/load.ts';
import { native } from '../../lib/backend/native-backend.ts';
import { bidirectional } from '../../lib/layers/bidirectional.ts';
import { dense } from '../../lib/layers/dense.ts';
import { embedding } from '../../lib/layers/embedding.ts';
import { gru } from '../../lib/layers/gru.ts';
import { lstm } from '../../lib/layers/lstm.ts';
import { rnn } from '../../lib/layers/rnn.ts';
import { crossEntropy } from '../../lib/losses/cross-entropy.ts';
import { meanSquaredError } from '../../lib/losses/mean-squared-error.ts';
import { graph } from '../../lib/models/graph.ts';
import { load } from '../../lib/models/load.ts';
import { adam } from '../../lib/optimizers/adam.ts';
import { codeOf } from '../code-of.ts';
import { checkModelGradients } from './check-model-gradients.ts';
import { raggedIds, raggedVectors } from './ragged-data.ts';

describe('a graph', () => {
  const exact = js({ precision: 'float64' });
  after(() => exact.close());
  const options = { backend: exact, inputSize: 3, seed: 2 } as const;

  describe('whose layers start from states of others', () => {
    const decoder = (state: string | Record<string, string>) =>
      graph(
        {
          encoder: { layer: lstm({ size: 4, initialState: 'learned' }) },
          image: { layer: dense({ size: 4, activation: 'tanh' }), from: 'encoder.c' },
          decoder: { layer: lstm({ size: 4, output: 'sequence' }), from: 'input', state },
          out: { layer: dense({ size: 2 }), from: 'decoder' },
        },
        options,
      );

    it('has the gradients that finite differences have', () => {
      const reads = raggedVectors({ per: 'token' });
      checkModelGradients(decoder({ h: 'image' }), reads, meanSquaredError());
      const both = bidirectional(gru({ size: 4, output: 'sequence' }));
      const model = graph(
        {
          first: { layer: bidirectional(gru({ size: 4, initialState: 'learned' })) },
          second: { layer: both, from: 'input', state: 'first' },
          third: { layer: gru({ size: 4, output: 'sequence' }), from: 'second', state: 'second.backward' },
          out: { layer: dense({ size: 2 }), from: ['third', 'second.forward'], merge: 'average' },
        },
        options,
      );
      checkModelGradients(model, reads, meanSquaredError());
    });

    it('starts from all states of a layer, or from those that are named and its own', async () => {
      const asked = {
        sequences: [
          [[1, 2, 3]],
          [
            [0.5, 1, -1],
            [2, 0, 1],
          ],
        ],
      };
      const fromAll = await decoder('encoder').predict(asked);
      const fromEach = await decoder({ h: 'encoder.h', c: 'encoder.c' }).predict(asked);
      const fromOne = await decoder({ h: 'encoder.h' }).predict(asked);
      expect(fromEach).to.deep.equal(fromAll);
      expect(fromOne[0]![0]).not.to.equal(fromAll[0]![0]);
    });

    it('refuses states that do not fit', () => {
      const reading = (
        layer: ReturnType<typeof rnn> | ReturnType<typeof dense>,
        state: string | Record<string, string>,
      ) =>
        codeOf(() =>
          graph({ encoder: { layer: gru({ size: 4 }) }, decoder: { layer, from: 'input', state } }, options),
        );
      expect(reading(rnn({ size: 4 }), 'encoder')).to.equal(undefined);
      expect(reading(rnn({ size: 5 }), 'encoder')).to.equal('ERR_SHAPE');
      expect(reading(rnn({ size: 4 }), { c: 'encoder' })).to.equal('ERR_ARGUMENT');
      expect(reading(rnn({ size: 4 }), { h: 'nowhere' })).to.equal('ERR_ARGUMENT');
      expect(reading(dense({ size: 4 }), 'encoder')).to.equal('ERR_ARGUMENT');
      expect(codeOf(() => rnn({ size: 4, initialState: 'ones' as 'zeros' }))).to.equal('ERR_ARGUMENT');
    });
  });

  it('refuses sources that it cannot join', () => {
    const joined = (size: number, merge: 'sum' | 'concat') =>
      codeOf(() =>
        graph(
          {
            a: { layer: dense({ size: 3 }) },
            b: { layer: dense({ size }) },
            c: { layer: dense({ size: 1 }), from: ['a', 'b'], merge },
          },
          options,
        ),
      );
    expect(joined(4, 'concat')).to.equal(undefined);
    expect(joined(3, 'sum')).to.equal(undefined);
    expect(joined(4, 'sum')).to.equal('ERR_SHAPE');
    expect(joined(3, 'add' as 'sum')).to.equal('ERR_ARGUMENT');
  });

  for (const [name, make] of [
    ['js', js],
    ['native', native],
  ] as const)
    it(`trains with learned states and merged directions, and comes back from its file, on ${name}`, async function () {
      if (name === 'native' && !addon) this.skip();
      const backend = make();
      const folder = mkdtempSync(join(tmpdir(), 'recurra-'));
      try {
        const model = graph(
          {
            words: { layer: embedding({ vocabulary: 7, size: 4 }) },
            encoder: { layer: bidirectional(lstm({ size: 5, initialState: 'learned' }), { merge: 'product' }) },
            decoder: {
              layer: lstm({ size: 5, output: 'sequence' }),
              from: 'words',
              state: { h: 'encoder', c: 'encoder.backward.c' },
            },
            out: { layer: dense({ size: 3 }) },
          },
          { backend },
        );
        const data = raggedIds({ per: 'token' });
        const { epochs } = await model.fit(data, {
          loss: crossEntropy(),
          optimizer: adam({ learningRate: 0.05 }),
          epochs: 20,
        });
        expect(epochs.at(-1)!.loss).to.be.lessThan(epochs[0]!.loss / 2);
        await model.save(join(folder, 'model.safetensors'));
        const again = await load(join(folder, 'model.safetensors'), { backend });
        expect(await again.evaluate(data)).to.deep.equal(await model.evaluate(data));
      } finally {
        rmSync(folder, { recursive: true });
        await backend.close();
      }
    });
});
