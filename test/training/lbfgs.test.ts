import { expect } from 'chai';
import type { Backend } from '../../lib/backend/backend.ts';
import { js } from '../../lib/backend/js-backend.ts';
import { addon } from '../../lib/backend/load.ts';
import { native } from '../../lib/backend/native-backend.ts';
import { dataset } from '../../lib/data/dataset.ts';
import { dense } from '../../lib/layers/dense.ts';
import { lstm } from '../../lib/layers/lstm.ts';
import { crossEntropy } from '../../lib/losses/cross-entropy.ts';
import { meanSquaredError } from '../../lib/losses/mean-squared-error.ts';
import { sequential } from '../../lib/models/sequential.ts';
import { adam } from '../../lib/optimizers/adam.ts';
import { lbfgs } from '../../lib/optimizers/lbfgs.ts';
import { Random } from '../../lib/random/random.ts';

const backends: Readonly<Record<string, () => Backend>> = {
  'js in float32': () => js(),
  'js in float64': () => js({ precision: 'float64' }),
  ...(addon ? { native: () => native() } : {}),
};

/** A regression whose curvature differs a thousandfold from one direction to another; targets are a linear function. */
function illConditioned() {
  const random = new Random(3);
  const vectors = Array.from({ length: 60 }, () => [30, 3, 1, 0.03].map(scale => scale * random.normal()));
  return dataset({ vectors, targets: vectors.map(([a, b, c, d]) => [0.1 * a! - b! + 2 * c! - 20 * d! + 1]) });
}

for (const [name, open] of Object.entries(backends))
  describe(`L-BFGS on ${name}`, () => {
    let backend: Backend;
    before(() => {
      backend = open();
    });
    after(() => backend.close());
    const linear = () => sequential([dense({ size: 1 })], { seed: 2, backend, inputSize: 4 });
    const loss = meanSquaredError();

    it('solves a badly scaled regression in one step of some iterations, far beyond Adam in as many evaluations', async () => {
      const data = illConditioned();
      const [one, other] = [linear(), linear()];
      const before = (await one.evaluate(data, { loss })).loss;
      await one.fit(data, { loss, optimizer: lbfgs({ iterations: 40 }), batchSize: data.length });
      await other.fit(data, { loss, optimizer: adam({ learningRate: 0.1 }), batchSize: data.length, epochs: 80 });
      const [solved, adamed] = [(await one.evaluate(data)).loss, (await other.evaluate(data)).loss];
      expect(solved).to.be.below(before * (backend.precision === 'float64' ? 1e-14 : 1e-9));
      expect(solved).to.be.below(adamed / 1000);
    });

    it('never goes uphill, from step to step and from batch to batch', async () => {
      const random = new Random(7);
      const sequences = Array.from({ length: 40 }, () => Array.from({ length: 5 }, () => [random.normal()]));
      const classes = sequences.map(steps => (steps.reduce((sum, [x]) => sum + x!, 0) > 0 ? 1 : 0));
      const data = dataset({ sequences, classes });
      const model = sequential([lstm({ size: 6 }), dense({ size: 2 })], { seed: 4, backend, inputSize: 1 });
      const { epochs } = await model.fit(data, {
        loss: crossEntropy(),
        optimizer: lbfgs({ iterations: 3, history: 4 }),
        batchSize: 40,
        epochs: 15,
      });
      epochs.slice(1).forEach(({ loss }, index) => {
        expect(loss).to.be.at.most(epochs[index]!.loss);
      });
      expect((await model.evaluate(data)).accuracy).to.equal(1);
    });

    it('stops where there is nothing left to gain', async () => {
      const data = dataset({ vectors: [[1, 0, 0, 0]], targets: [[0]] });
      const model = linear();
      model.parameter('dense.weight')!.write([0, 0, 0, 0]);
      await model.fit(data, { loss, optimizer: lbfgs(), epochs: 3 });
      expect([...model.parameter('dense.weight')!.values]).to.deep.equal([0, 0, 0, 0]);
    });

    it('leaves frozen parameters alone', async () => {
      const model = sequential([dense({ size: 3, trainable: false }), dense({ size: 1 })], {
        seed: 2,
        backend,
        inputSize: 4,
      });
      const frozen = model.network.parameters[0]!.values.slice();
      await model.fit(illConditioned(), { loss, optimizer: lbfgs({ iterations: 3 }), batchSize: 60 });
      expect(model.network.parameters[0]!.values).to.deep.equal(frozen);
    });

    it('writes nothing where the loss is not finite, and whole steps where it is aborted', async () => {
      const model = linear();
      const before = model.parameters.array.slice();
      const bad = dataset({ vectors: [[1e300, 1, 1, 1]], targets: [[1e300]] });
      const failed = await model.fit(bad, { loss, optimizer: lbfgs() }).catch(error => error);
      expect(failed).to.have.property('code', 'ERR_NON_FINITE');
      const reason = new Error('enough');
      const aborted = model.fit(illConditioned(), { loss, optimizer: lbfgs(), signal: AbortSignal.abort(reason) });
      expect(await aborted.catch(error => error)).to.equal(reason);
      expect(model.parameters.array).to.deep.equal(before);
    });

    it('backs off from steps so long that the loss overflows', async () => {
      const model = linear();
      const data = illConditioned();
      const before = (await model.evaluate(data, { loss })).loss;
      const optimizer = lbfgs({ learningRate: 1e30, iterations: 5 });
      await model.fit(data, { loss, optimizer, batchSize: data.length });
      expect((await model.evaluate(data)).loss).to.be.at.most(before);
    });
  });

describe('lbfgs', () => {
  it('refuses options outside their ranges', () => {
    expect(() => lbfgs({ history: 0 })).to.throw(RangeError, 'lbfgs: history must be a whole number of at least 1');
    expect(() => lbfgs({ iterations: 1.5 })).to.throw(RangeError, 'lbfgs: iterations must be a whole number');
    expect(() => lbfgs({ learningRate: 0 })).to.throw(RangeError, 'lbfgs: learningRate must be a positive number');
  });
});
