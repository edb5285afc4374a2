import { expect } from 'chai';
import { js } from '../../lib/backend/js-backend.ts';
import { dataset } from '../../lib/data/dataset.ts';
import { dense } from '../../lib/layers/dense.ts';
import { binaryCrossEntropy } from '../../lib/losses/binary-cross-entropy.ts';
import { crossEntropy } from '../../lib/losses/cross-entropy.ts';
import { huber } from '../../lib/losses/huber.ts';
import { buildLoss } from '../../lib/losses/index.ts';
import type { Loss } from '../../lib/losses/loss.ts';
import { meanAbsoluteError } from '../../lib/losses/mean-absolute-error.ts';
import { meanSquaredError } from '../../lib/losses/mean-squared-error.ts';
import { smoothL1 } from '../../lib/losses/smooth-l1.ts';
import { sequential } from '../../lib/models/sequential.ts';
import { sgd } from '../../lib/optimizers/sgd.ts';
import { checkGradients } from '../ops/check-gradients.ts';
import { drawn } from '../ops/drawn.ts';
import { evaluate, type Given, integers } from '../ops/evaluate.ts';

const outputs = drawn([4, 3], [-2, 2]);
const targets = drawn([4, 3], [-2, 2], 9);
const shares = drawn([4, 3], [0, 1]);
const classes = integers([4], [2, 0, 1, 2]);

const softplus = (x: number) => Math.log1p(Math.exp(x));
const logSumExp = (row: readonly number[]) => Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0));

/** The loss of one output x against y at column c; of a row's logits, where the loss is over classes. */
interface Case {
  readonly build: (reduction: 'mean' | 'sum' | 'none') => Loss;
  readonly targets: Given;
  readonly each: (x: number, y: number, c: number) => number;
}

const elementwise: Readonly<Record<string, Case>> = {
  meanSquaredError: { build: reduction => meanSquaredError({ reduction }), targets, each: (x, y) => (x - y) ** 2 },
  meanAbsoluteError: { build: reduction => meanAbsoluteError({ reduction }), targets, each: (x, y) => Math.abs(x - y) },
  smoothL1: {
    build: reduction => smoothL1({ beta: 0.5, reduction }),
    targets,
    each: (x, y) => (Math.abs(x - y) < 0.5 ? (x - y) ** 2 : Math.abs(x - y) - 0.25),
  },
  huber: {
    build: reduction => huber({ delta: 0.75, reduction }),
    targets,
    each: (x, y) => (Math.abs(x - y) <= 0.75 ? (x - y) ** 2 / 2 : 0.75 * (Math.abs(x - y) - 0.375)),
  },
  binaryCrossEntropy: {
    build: reduction => binaryCrossEntropy({ positiveWeight: 3, reduction }),
    targets: shares,
    each: (x, y) => 3 * y * softplus(-x) + (1 - y) * softplus(x),
  },
  'binaryCrossEntropy with weights per output': {
    build: reduction => binaryCrossEntropy({ positiveWeight: [1, 2, 4], weights: [0.5, 1, 2], reduction }),
    targets: shares,
    each: (x, y, c) => [0.5, 1, 2][c]! * ([1, 2, 4][c]! * y * softplus(-x) + (1 - y) * softplus(x)),
  },
};

describe('losses', () => {
  for (const [name, { build, targets, each }] of Object.entries(elementwise))
    describe(name, () => {
      const expected = Array.from(outputs.values, (x, k) => each(x, targets.values[k]!, k % 3));
      const sum = expected.reduce((total, l) => total + l, 0);

      it('is the loss of each element, their sum or their mean', () => {
        for (const [reduction, values] of [
          ['none', expected],
          ['sum', [sum]],
          ['mean', [sum / expected.length]],
        ] as const) {
          const { loss } = evaluate({ outputs, targets }, ({ outputs, targets }) => ({
            loss: build(reduction).record(outputs!, targets!).loss,
          }));
          expect(loss).to.have.length(values.length);
          values.forEach((value, k) => {
            expect(loss![k]).to.be.closeTo(value, 1e-14);
          });
        }
      });

      it('has the gradient of finite differences', () => {
        for (const reduction of ['none', 'sum', 'mean'] as const)
          checkGradients({
            inputs: { outputs, targets },
            by: ['outputs'],
            build: ({ outputs, targets }) => ({ loss: build(reduction).record(outputs!, targets!).loss }),
          });
      });
    });

  it('crossEntropy weighs classes', () => {
    const weights = [0.5, 1, 4];
    const { loss } = evaluate({ outputs, classes }, ({ outputs, classes }) => ({
      loss: crossEntropy({ weights }).record(outputs!, classes!).loss,
    }));
    const rows = classes.values.map((c, i) => {
      const row = [...outputs.values.slice(3 * i, 3 * i + 3)];
      return weights[c]! * (logSumExp(row) - row[c]!);
    });
    const total = [...classes.values].reduce((sum, c) => sum + weights[c]!, 0);
    expect(loss![0]).to.be.closeTo([...rows].reduce((sum, l) => sum + l, 0) / total, 1e-14);
  });

  it('come back from what a file keeps of them', () => {
    for (const loss of [
      crossEntropy({ ignore: 0, weights: [1, 2], smoothing: 0.1, reduction: 'sum' }),
      binaryCrossEntropy({ positiveWeight: [1, 2] }),
      meanSquaredError(),
      meanAbsoluteError({ reduction: 'none' }),
      smoothL1({ beta: 2 }),
      huber({ delta: 2 }),
    ]) {
      const { name, options } = JSON.parse(JSON.stringify(loss)) as Loss;
      expect(JSON.stringify(buildLoss({ name, options }))).to.equal(JSON.stringify(loss));
    }
    expect(() => buildLoss({ name: 'hinge', options: {} })).to.throw('there is no loss hinge');
  });

  it('refuse options outside their ranges', () => {
    const wrong: [() => Loss, string][] = [
      [() => crossEntropy({ smoothing: 1 }), 'crossEntropy: smoothing must be in [0, 1), got 1'],
      [() => crossEntropy({ weights: [1, -1] }), 'crossEntropy: weights[1] must be a number of at least 0, got -1'],
      [() => binaryCrossEntropy({ positiveWeight: Number.NaN }), 'binaryCrossEntropy: positiveWeight[0] must be'],
      [() => binaryCrossEntropy({ weights: [-2] }), 'binaryCrossEntropy: weights[0] must be'],
      [() => smoothL1({ beta: -1 }), 'smoothL1: beta must be a number of at least 0, got -1'],
      [() => huber({ delta: 0 }), 'huber: delta must be a positive number, got 0'],
      [
        () => meanSquaredError({ reduction: 'average' as 'mean' }),
        "reduction must be 'mean', 'sum' or 'none', got average",
      ],
    ];
    for (const [build, message] of wrong)
      expect(build).to.throw(RangeError, message).with.property('code', 'ERR_ARGUMENT');
  });
});

describe('losses in training', () => {
  const backend = js();
  after(() => backend.close());
  const model = (size: number) => sequential([dense({ size })], { seed: 3, backend, inputSize: 2 });
  const vectors = Array.from({ length: 10 }, (_, k) => [Math.sin(k), Math.cos(3 * k)]);
  const optimizer = sgd({ learningRate: 0.01 });

  it('report the mean whatever is differentiated, and step along what is', async () => {
    const data = dataset({ vectors, targets: vectors.map(([a, b]) => [a! * b!, a!]) });
    const [mean, sum] = [model(2), model(2)];
    const averaged = await mean.fit(data, { loss: huber(), optimizer: sgd({ learningRate: 0.2 }), batchSize: 10 });
    const added = await sum.fit(data, { loss: huber({ reduction: 'sum' }), optimizer, batchSize: 10 });
    expect(added.last!.loss).to.be.closeTo(averaged.last!.loss, 1e-6);
    mean.parameters.array.forEach((value, k) => {
      expect(sum.parameters.array[k]).to.be.closeTo(value, 1e-6); // 20 terms: a sum at 0.01 is a mean at 0.2
    });
    const measured = await sum.evaluate(data, { batchSize: 3 });
    expect(measured.loss).to.be.closeTo((await sum.evaluate(data, { loss: huber() })).loss, 1e-6);
  });

  it('count rows for the accuracy, and weigh them for the loss', async () => {
    const data = dataset({ vectors, classes: vectors.map((_, k) => k % 3) });
    const one = model(3);
    const plain = await one.evaluate(data, { loss: crossEntropy({ ignore: 2 }) });
    const weighted = await one.evaluate(data, { loss: crossEntropy({ ignore: 2, weights: [5, 5, 1] }), batchSize: 4 });
    expect(plain.rows).to.equal(7);
    expect(weighted).to.deep.include({ rows: 7, accuracy: plain.accuracy });
    expect(weighted.loss).to.be.closeTo(plain.loss, 1e-6);
  });

  it('refuse to train on a loss that is not one number', async () => {
    const data = dataset({ vectors, targets: vectors });
    const error = await model(2)
      .fit(data, { loss: meanSquaredError({ reduction: 'none' }), optimizer })
      .catch(error => error);
    expect(error).to.have.property('code', 'ERR_ARGUMENT');
    expect(error.message).to.contain("use 'mean' or 'sum'");
  });
});
