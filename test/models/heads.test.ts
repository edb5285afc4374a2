import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { js } from '../../lib/backend/js-backend.ts';
import { addon } from '../../lib/backend/load.ts';
import { native } from '../../lib/backend/native-backend.ts';
import { batches } from '../../lib/data/batches.ts';
import { dataset } from '../../lib/data/dataset.ts';
import { dense } from '../../lib/layers/dense.ts';
import { embedding } from '../../lib/layers/embedding.ts';
import { gru } from '../../lib/layers/gru.ts';
import { binaryCrossEntropy } from '../../lib/losses/binary-cross-entropy.ts';
import { crossEntropy } from '../../lib/losses/cross-entropy.ts';
import { heads } from '../../lib/losses/heads.ts';
import { meanSquaredError } from '../../lib/losses/mean-squared-error.ts';
import { graph } from '../../lib/models/graph.ts';
import { load } from '../../lib/models/load.ts';
import { adam } from '../../lib/optimizers/adam.ts';
import { sgd } from '../../lib/optimizers/sgd.ts';
import { train } from '../../lib/training/train.ts';
import { codeOf, codeOfRejection } from '../code-of.ts';

const ids = [[1, 2, 3], [4], [], [2, 2, 5, 1], [3, 0]];
const first = ids.map(row => (row[0] ?? 0) % 2);
const length = ids.map(row => [row.length / 4]);
const data = dataset({
  ids,
  heads: { odd: { classes: first }, length: { targets: length }, tags: { classes: ids, per: 'token' } },
});

const exact = js({ precision: 'float64' });
after(() => exact.close());

const model = (backend = exact) =>
  graph(
    {
      words: { layer: embedding({ vocabulary: 6, size: 4 }) },
      steps: { layer: gru({ size: 8, output: 'sequence' }) },
      tags: { layer: dense({ size: 6 }), from: 'steps' },
      odd: { layer: dense({ size: 1 }), from: 'steps.h' },
      length: { layer: dense({ size: 1 }), from: 'steps.h' },
    },
    { backend, seed: 7 },
  );

const loss = heads({
  odd: binaryCrossEntropy(),
  length: { loss: meanSquaredError(), weight: 3 },
  tags: { loss: crossEntropy(), weight: 0.5 },
});

describe('a model with several heads', () => {
  it('has as its loss, and as its gradient, the sum of those of its heads by weight', async () => {
    const of = model();
    const whole = await of.evaluate(data, { loss });
    const { odd, length, tags } = whole.heads!;
    expect(whole.loss).to.be.closeTo(odd!.loss + 3 * length!.loss + 0.5 * tags!.loss, 1e-12);
    expect([odd!.rows, length!.rows, tags!.rows]).to.deep.equal([5, 5, 10]);
    expect(odd!.accuracy).to.be.within(0, 1);
    expect(length!.accuracy).to.equal(undefined);

    const updated = async (loss: Parameters<typeof heads>[0]) => {
      const of = model();
      const before = Float64Array.from(of.parameters.array);
      for await (const _ of train(of, batches(data), { loss: heads(loss), optimizer: sgd({ learningRate: 1 }) }));
      return of.parameters.array.map((value, k) => before[k]! - value);
    };
    const all = await updated({ odd: binaryCrossEntropy(), tags: { loss: crossEntropy(), weight: 0.5 } });
    const [a, b] = [await updated({ odd: binaryCrossEntropy() }), await updated({ tags: crossEntropy() })];
    all.forEach((gradient, k) => {
      expect(gradient).to.be.closeTo(a[k]! + 0.5 * b[k]!, 1e-12);
    });
    expect(await updated({ odd: { loss: binaryCrossEntropy(), weight: 0 } })).to.satisfy((gradients: Float64Array) =>
      gradients.every(gradient => gradient === 0),
    );
  });

  for (const [name, make] of [
    ['js', js],
    ['native', native],
  ] as const)
    it(`learns them together, answers for each, and comes back from its file, on ${name}`, async function () {
      if (name === 'native' && !addon) this.skip();
      const backend = make();
      const of = model(backend as ReturnType<typeof js>);
      const optimizer = adam({ learningRate: 0.03 });
      const { epochs } = await of.fit(data, { loss, optimizer, epochs: 150, validation: data });
      const { heads: trained, valHeads } = epochs.at(-1)!;
      expect(trained!.odd!.accuracy).to.equal(1);
      expect(valHeads!.tags!.accuracy).to.equal(1);
      expect(trained!.length!.loss).to.be.lessThan(0.01);

      const odd = await of.predict({ ids }, { of: 'odd' });
      odd.forEach((probability, row) => {
        expect(Math.round(probability[0]!)).to.equal(first[row]);
        expect(probability[0]).to.be.within(0, 1);
      });
      const tags = await of.predict({ ids }, { of: 'tags' });
      expect(tags.map(row => row.length / 6)).to.deep.equal(ids.map(row => row.length));
      expect([...tags[0]!.slice(0, 6)].reduce((sum, p) => sum + p)).to.be.closeTo(1, 1e-6);
      expect(await of.predict({ ids })).to.deep.equal(await of.predict({ ids }, { of: 'length' }));
      expect((await of.predict({ ids }, { of: 'steps.h' }))[1]).to.have.length(8);

      const folder = mkdtempSync(join(tmpdir(), 'recurra-'));
      await of.save(join(folder, 'model.safetensors'));
      const again = await load(join(folder, 'model.safetensors'), { backend });
      expect(await again.evaluate(data)).to.deep.equal(await of.evaluate(data));
      expect(await again.predict({ ids }, { of: 'odd' })).to.deep.equal(odd);
      rmSync(folder, { recursive: true });
      await backend.close();
    });

  it('says what is missing', async () => {
    const refusal = (loss: ReturnType<typeof heads>, on = data) =>
      codeOfRejection(model().fit(on, { loss, optimizer: adam() }));
    expect(await refusal(heads({ nothing: crossEntropy() }))).to.equal('ERR_ARGUMENT');
    expect(await refusal(heads({ 'steps.h': crossEntropy() }))).to.equal('ERR_DATA');
    expect(await refusal(heads({ odd: crossEntropy() }), dataset({ ids, classes: first }))).to.equal('ERR_DATA');
    expect(
      await refusal(heads({ tags: crossEntropy() }), dataset({ ids, heads: { tags: { classes: first } } })),
    ).to.equal('ERR_DATA');
    expect(await codeOfRejection(model().fit(data, { loss: crossEntropy(), optimizer: adam() }))).to.equal('ERR_DATA');
    expect(await codeOfRejection(model().predict({ ids }, { of: 'nothing' }))).to.equal('ERR_ARGUMENT');
    expect(codeOf(() => heads({}))).to.equal('ERR_ARGUMENT');
    expect(codeOf(() => heads({ odd: loss }))).to.equal('ERR_ARGUMENT');
    expect(codeOf(() => heads({ odd: { loss: crossEntropy(), weight: -1 } }))).to.equal('ERR_ARGUMENT');
    expect(codeOf(() => heads({ odd: crossEntropy({ reduction: 'none' }) }))).to.equal('ERR_ARGUMENT');
    expect(codeOf(() => dataset({ ids, heads: { odd: {} } }))).to.equal('ERR_DATA');
  });
});
