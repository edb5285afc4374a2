import { expect } from 'chai';
import type { Backend } from '../../lib/backend/backend.ts';
import { js } from '../../lib/backend/js-backend.ts';
import { addon } from '../../lib/backend/load.ts';
import { native } from '../../lib/backend/native-backend.ts';
import { batches } from '../../lib/data/batches.ts';
import { type Dataset, dataset, type TargetRows } from '../../lib/data/dataset.ts';
import { dense } from '../../lib/layers/dense.ts';
import { lstm } from '../../lib/layers/lstm.ts';
import { binaryCrossEntropy } from '../../lib/losses/binary-cross-entropy.ts';
import { crossEntropy } from '../../lib/losses/cross-entropy.ts';
import { heads } from '../../lib/losses/heads.ts';
import { huber } from '../../lib/losses/huber.ts';
import type { Loss, LossOptions } from '../../lib/losses/loss.ts';
import { meanAbsoluteError } from '../../lib/losses/mean-absolute-error.ts';
import { meanSquaredError } from '../../lib/losses/mean-squared-error.ts';
import { smoothL1 } from '../../lib/losses/smooth-l1.ts';
import { graph } from '../../lib/models/graph.ts';
import { sequential } from '../../lib/models/sequential.ts';
import { sgd } from '../../lib/optimizers/sgd.ts';
import { Random } from '../../lib/random/random.ts';
import { lossFor } from '../../lib/training/feeds.ts';
import { train } from '../../lib/training/train.ts';
import { codeOf, codeOfRejection } from '../code-of.ts';
import { checkModelGradients } from '../models/check-model-gradients.ts';

const [inputSize, outputs] = [3, 2];
const lengths = [4, 1, 0, 3];
const random = new Random(5);
const draw = (steps: number, size: number) => Array.from({ length: steps }, () => reals(size));
const reals = (size: number) => Array.from({ length: size }, () => random.normal());
const sequences = lengths.map(length => draw(length, inputSize));
const real = lengths.map(length => draw(length, outputs));
const shares = lengths.map(length =>
  Array.from({ length }, () => Array.from({ length: outputs }, () => random.uniform())),
);
const classes = lengths.map(length => Array.from({ length }, () => random.below(outputs)));
/** Which steps count. */
const mask = [[1, 0, 0, 1], [0], [], [1, 1, 0]];
/** How much they do. */
const amounts = [[0.5, 0, 2, 1], [3], [], [0, 0.25, 1]];

interface Case {
  readonly build: (options?: LossOptions) => Loss;
  readonly targets: { readonly classes: number[][] } | { readonly targets: number[][][] };
}
const cases: Readonly<Record<string, Case>> = {
  meanSquaredError: { build: meanSquaredError, targets: { targets: real } },
  meanAbsoluteError: { build: meanAbsoluteError, targets: { targets: real } },
  huber: { build: options => huber({ delta: 0.75, ...options }), targets: { targets: real } },
  smoothL1: { build: options => smoothL1({ beta: 0.5, ...options }), targets: { targets: real } },
  binaryCrossEntropy: {
    build: options => binaryCrossEntropy({ positiveWeight: 3, weights: [0.5, 2], ...options }),
    targets: { targets: shares },
  },
  crossEntropy: { build: crossEntropy, targets: { classes } },
  'crossEntropy with weights of classes': {
    build: options => crossEntropy({ weights: [0.5, 3], smoothing: 0.1, ...options }),
    targets: { classes },
  },
};

/** Rows with nothing but the steps that a mask has. */
function kept<T>(rows: readonly (readonly T[])[]): T[][] {
  return rows.map((row, at) => row.filter((_, step) => mask[at]![step] === 1));
}

function masked({ targets }: Case): Dataset {
  const rows = 'classes' in targets ? { classes: kept(targets.classes) } : { targets: kept(targets.targets) };
  return dataset({ sequences: kept(sequences), size: inputSize, per: 'token', ...rows } as never);
}

function weighted({ targets }: Case, weights: number[][]): Dataset {
  return dataset({ sequences, size: inputSize, per: 'token', ...targets, weights });
}

describe('weights of targets', () => {
  const exact = js({ precision: 'float64' });
  after(() => exact.close());
  const alone = (backend: Backend = exact) =>
    sequential([dense({ size: outputs })], { backend, inputSize, input: 'sequence', seed: 2 });
  const recurrent = () =>
    sequential([lstm({ size: 3, output: 'sequence' }), dense({ size: outputs })], {
      backend: exact,
      inputSize,
      seed: 2,
    });

  for (const [name, of] of Object.entries(cases)) {
    it(`${name}: with weight 0 a step is as if it were not there`, async () => {
      for (const reduction of ['mean', 'sum'] as const) {
        const loss = of.build({ reduction });
        const [expected, got] = await Promise.all(
          [masked(of), weighted(of, mask)].map(data => alone().evaluate(data, { loss, batchSize: 3 })),
        );
        expect(got!.loss).to.be.closeTo(expected!.loss, 1e-12);
        expect(got!.accuracy).to.equal(expected!.accuracy);
        expect(got!.rows).to.equal(4);
        const [one, other] = [alone(), alone()];
        const optimizer = sgd({ learningRate: 0.1 });
        const first = await one.fit(masked(of), { loss, optimizer, batchSize: 4, epochs: 3 });
        const second = await other.fit(weighted(of, mask), { loss, optimizer, batchSize: 4, epochs: 3 });
        expect(second.last!.loss).to.be.closeTo(first.last!.loss, 1e-12);
        one.parameters.array.forEach((value, k) => {
          expect(other.parameters.array[k]).to.be.closeTo(value, 1e-12);
        });
      }
    });

    it(`${name}: is the sum of what each step costs by its weight, over that of the weights`, async () => {
      const loss = of.build();
      const one = async (row: number, step: number) => {
        const only = amounts.map((weights, at) => weights.map((_, k) => (at === row && k === step ? 1 : 0)));
        return (await alone().evaluate(weighted(of, only), { loss })).loss;
      };
      const classWeights = (loss.options.weights ?? [1, 1]) as number[];
      let [sum, total] = [0, 0];
      for (const [row, weights] of amounts.entries())
        for (const [step, weight] of weights.entries()) {
          const share = weight * ('classes' in of.targets ? classWeights[of.targets.classes[row]![step]!]! : 1);
          sum += share * (await one(row, step));
          total += share;
        }
      const { loss: value, rows } = await alone().evaluate(weighted(of, amounts), { loss, batchSize: 2 });
      expect(value).to.be.closeTo(sum / total, 1e-12);
      expect(rows).to.equal(6);
    });

    it(`${name}: the gradient is that of finite differences`, () => {
      for (const reduction of ['mean', 'sum'] as const) {
        const data = weighted(of, amounts);
        checkModelGradients(recurrent(), data, lossFor(of.build({ reduction }), data));
      }
    });

    it(`${name}: a batch of which nothing counts changes nothing`, async () => {
      for (const backend of [exact, ...(addon ? [native()] : [])]) {
        const model = alone(backend);
        const before = [...model.parameters.array];
        const data = weighted(
          of,
          amounts.map(row => row.map(() => 0)),
        );
        for await (const step of train(model, batches(data), { loss: of.build(), optimizer: sgd({ learningRate: 1 }) }))
          expect(step).to.include({ loss: 0, gradientNorm: 0, rows: 0 });
        expect([...model.parameters.array]).to.deep.equal(before);
        if (backend !== exact) await backend.close();
      }
    });

    it(`${name}: native gives what js gives`, async function () {
      if (!addon) this.skip();
      const backend = native();
      const fitted = await Promise.all(
        [alone(), alone(backend)].map(model =>
          model.fit(weighted(of, amounts), { loss: of.build(), optimizer: sgd({ learningRate: 0.1 }), epochs: 4 }),
        ),
      );
      expect(fitted[1]!.last!.loss).to.be.closeTo(fitted[0]!.last!.loss, 1e-5);
      expect(fitted[1]!.last!.accuracy).to.equal(fitted[0]!.last!.accuracy);
      await backend.close();
    });
  }

  it('what stands at weight 0 does not matter, be it no number or no class', async () => {
    const holes = real.map((row, at) => row.map((step, k) => (mask[at]![k] ? step : [Number.NaN, 1])));
    const strange = classes.map((row, at) => row.map((step, k) => (mask[at]![k] ? step : 77)));
    for (const [of, loss] of [
      [{ targets: holes }, meanSquaredError()],
      [{ classes: strange }, crossEntropy({ weights: [1, 2] })],
    ] as const) {
      const data = dataset({ sequences, size: inputSize, per: 'token', weights: mask, ...of });
      const { last } = await alone().fit(data, { loss, optimizer: sgd({ learningRate: 0.1 }), epochs: 2 });
      expect(last!.loss).to.be.within(0.01, 10);
    }
  });

  it('leaves out what is ignored too, and refuses classes that there are not', async () => {
    const ignoring = weighted(cases.crossEntropy!, amounts);
    const some = amounts.map((row, at) => row.map((weight, k) => (classes[at]![k] === 1 ? 0 : weight)));
    const [expected, got] = await Promise.all([
      alone().evaluate(weighted(cases.crossEntropy!, some), { loss: crossEntropy() }),
      alone().evaluate(ignoring, { loss: crossEntropy({ ignore: 1 }) }),
    ]);
    expect(got).to.deep.equal(expected);
    const beyond = dataset({ vectors: [[1, 2, 3]], classes: [outputs], weights: [1] });
    const model = sequential([dense({ size: outputs })], { backend: exact, inputSize });
    expect(await codeOfRejection(model.evaluate(beyond, { loss: crossEntropy() }))).to.equal('ERR_INDEX');
  });

  it('belong to rows without steps as well, go with them, and to each of several outputs for itself', async () => {
    const vectors = draw(4, inputSize);
    const targets = draw(4, outputs);
    const data = dataset({ vectors, targets, weights: [1, 0, 2, 0] });
    const model = sequential([dense({ size: outputs })], { backend: exact, inputSize });
    const loss = meanSquaredError();
    const of = async (rows: Dataset) => (await model.evaluate(rows, { loss })).loss;
    expect(await of(data)).to.be.closeTo(((await of(data.slice(0, 1))) + 2 * (await of(data.slice(2, 3)))) / 3, 1e-12);
    expect(await of(data.shuffled(3))).to.be.closeTo(await of(data), 1e-12);
    expect(await of(data.slice(1, 2))).to.equal(0);

    const both = graph(
      {
        first: { layer: dense({ size: outputs }), from: 'input' },
        second: { layer: dense({ size: 1 }), from: 'input' },
      },
      { backend: exact, inputSize, output: 'second' },
    );
    const flags: TargetRows = { classes: [1, 0, 1, 1] };
    const rows = dataset({ vectors, heads: { first: { targets, weights: [1, 0, 2, 0] }, second: flags } });
    const loss2 = heads({ first: meanSquaredError(), second: binaryCrossEntropy() });
    checkModelGradients(both, rows, lossFor(loss2, rows));
    const { heads: found } = await both.evaluate(rows, { loss: loss2 });
    expect(found!.first!.rows).to.equal(2);
    expect(found!.second!.rows).to.equal(4);
    expect(found!.second!.accuracy).to.be.a('number');
  });

  it('go with windows of time', async () => {
    const data = weighted(cases.meanSquaredError!, amounts);
    const still = { loss: meanSquaredError(), optimizer: sgd({ learningRate: 1e-30 }) };
    const whole = await recurrent().fit(data, still);
    const cut = await recurrent().fit(data, { ...still, window: 2 });
    expect(cut.last!.loss).to.be.closeTo(whole.last!.loss, 1e-12);
  });

  it('of validation are its own', async () => {
    const validation = weighted(cases.meanSquaredError!, mask);
    const loss = meanSquaredError();
    const model = alone();
    const { last } = await model.fit(masked(cases.meanSquaredError!), { loss, optimizer: sgd(), validation });
    expect(last!.valLoss).to.equal((await model.evaluate(validation)).loss);
    expect(model.training!.loss).to.equal(loss);
  });

  it('are refused where they do not fit', async () => {
    const one = { sequences: [[[1], [2]], [[3]]], targets: [[1, 2], [3]], per: 'token' } as const;
    const refused: [unknown, string][] = [
      [{ ...one, weights: [[1, -1], [1]] }, 'dataset: weights[0][1] must be a number of at least 0, got -1'],
      [{ ...one, weights: [[1, Number.NaN], [1]] }, 'dataset: weights[0][1] must be a number of at least 0, got NaN'],
      [{ ...one, weights: [[1, 1], [Number.POSITIVE_INFINITY]] }, 'weights[1][0] must be a number of at least 0'],
      [{ ...one, weights: [[1], [1]] }, 'dataset: weights[0] has 1 numbers, expected 2, one for each target'],
      [{ ...one, weights: [[1, 1]] }, 'dataset: 1 weights for 2 rows'],
      [{ ...one, weights: 2 }, 'dataset: weights must be an array'],
      [{ ...one, weights: [1, 1] }, 'dataset: weights[0] must be an array'],
      [{ vectors: [[1], [2]], targets: [1, 2], weights: [1] }, 'dataset: weights has 1 numbers, expected 2'],
      [{ vectors: [[1], [2]], weights: [1, 1] }, 'dataset: weights need the classes or targets that they are of'],
    ];
    for (const [rows, message] of refused) {
      expect(() => dataset(rows as never)).to.throw(message);
      expect(codeOf(() => dataset(rows as never))).to.equal('ERR_DATA');
    }
    const { meanSquaredError: of } = cases;
    const mixed = [...batches(masked(of!)), ...batches(weighted(of!, amounts))];
    const steps = train(alone(), mixed, { loss: meanSquaredError(), optimizer: sgd() });
    await steps.next();
    expect(await codeOfRejection(steps.next())).to.equal('ERR_DATA');
  });
});
