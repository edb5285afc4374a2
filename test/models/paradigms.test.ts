import { expect } from 'chai';
import { js } from '../../lib/backend/js-backend.ts';
import { addon } from '../../lib/backend/load.ts';
import { native } from '../../lib/backend/native-backend.ts';
import { dataset } from '../../lib/data/dataset.ts';
import { dense } from '../../lib/layers/dense.ts';
import type { LayerDescription } from '../../lib/layers/layer.ts';
import { rnn } from '../../lib/layers/rnn.ts';
import { binaryCrossEntropy } from '../../lib/losses/binary-cross-entropy.ts';
import { crossEntropy } from '../../lib/losses/cross-entropy.ts';
import type { Loss } from '../../lib/losses/loss.ts';
import type { Model } from '../../lib/models/model.ts';
import { sequential } from '../../lib/models/sequential.ts';
import { sgd } from '../../lib/optimizers/sgd.ts';
import { Numbers } from '../backend/conformance/numbers.ts';

// What goes in and what comes out, one number at a time: y = f(h·W_y + b_y), h = tanh(x·W_x + h₋·W_h + b_h).

const [inputSize, size] = [2, 3];
const sigmoid = (a: number) => 1 / (1 + Math.exp(-a));
const softmax = (a: readonly number[]) => {
  const exps = a.map(Math.exp);
  const total = exps.reduce((sum, value) => sum + value);
  return exps.map(value => value / total);
};

/** Of a model's parameter: row by row, or a vector as one row. */
function rowsOf(model: Model, name: string): number[][] {
  const { values, shape } = model.parameter(name)!;
  const columns = shape.at(-1)!;
  return Array.from({ length: values.length / columns }, (_, row) => [
    ...values.slice(row * columns, (row + 1) * columns),
  ]);
}

/** x·W + b */
function affine(model: Model, layer: string, x: readonly number[], weight = 'weight'): number[] {
  const [bias] = rowsOf(model, `${layer}.bias`);
  return bias!.map((b, j) => rowsOf(model, `${layer}.${weight}`).reduce((sum, row, k) => sum + x[k]! * row[j]!, b));
}

function statesOf(model: Model, xs: readonly (readonly number[])[]): number[][] {
  const recurrent = rowsOf(model, 'rnn.recurrentWeight');
  let h = new Array<number>(size).fill(0);
  return xs.map(x => {
    const past = h;
    h = affine(model, 'rnn', x, 'inputWeight').map((a, j) =>
      Math.tanh(recurrent.reduce((sum, row, k) => sum + past[k]! * row[j]!, a)),
    );
    return h;
  });
}

for (const [name, make] of [
  ['js', js],
  ['native', native],
] as const)
  describe(`on ${name}, a model`, function () {
    this.timeout(30_000);
    const numbers = new Numbers(11);
    const sequences = [3, 1, 4].map(length => Array.from({ length }, () => [...numbers.reals(inputSize)]));
    let backend: ReturnType<typeof js> | ReturnType<typeof native>;
    before(function () {
      if (name === 'native' && !addon) this.skip();
      backend = make();
    });
    after(() => backend?.close());

    /** A model whose biases are not zero, trained once so that it answers with probabilities. */
    async function trained(layers: LayerDescription[], data: ReturnType<typeof dataset>, loss: Loss): Promise<Model> {
      const model = sequential(layers, { backend, inputSize, seed: 2 });
      for (const parameter of model.parameters) parameter.write(numbers.reals(parameter.size));
      await model.fit(data, { loss, optimizer: sgd({ learningRate: 0.1 }) });
      return model;
    }
    const expectClose = (got: ArrayLike<number>, expected: readonly number[]) => {
      expect(got).to.have.length(expected.length);
      expected.forEach((value, k) => {
        expect(got[k]).to.be.closeTo(value, 1e-6);
      });
    };

    it('from one to one is dense layers alone', async () => {
      const vectors = sequences[0]!;
      const layers = [dense({ size, activation: 'tanh' }), dense({ size: 2 })];
      const model = await trained(layers, dataset({ vectors, classes: [0, 1, 0] }), crossEntropy());
      const outputs = await model.predict({ vectors });
      vectors.forEach((x, row) => {
        const hidden = affine(model, 'dense', x).map(Math.tanh);
        expectClose(outputs[row]!, softmax(affine(model, 'dense_2', hidden)));
      });
    });

    it('from many to one reads the last state of each sequence', async () => {
      const binary = await trained(
        [rnn({ size }), dense({ size: 1 })],
        dataset({ sequences, classes: [0, 1, 1] }),
        binaryCrossEntropy(),
      );
      const outputs = await binary.predict({ sequences });
      sequences.forEach((xs, row) => {
        expectClose(outputs[row]!, affine(binary, 'dense', statesOf(binary, xs).at(-1)!).map(sigmoid));
      });
    });

    const heads = [
      ['softmax', 4, softmax, crossEntropy()],
      ['σ', 1, (a: readonly number[]) => a.map(sigmoid), binaryCrossEntropy()],
    ] as const;
    for (const [activation, outputSize, f, loss] of heads)
      it(`from many to as many applies one head at every step, ${activation}`, async () => {
        const layers = [rnn({ size, output: 'sequence' }), dense({ size: outputSize })];
        const classes = sequences.map(xs => xs.map((_, t) => t % Math.max(2, outputSize)));
        const model = await trained(layers, dataset({ sequences, classes, per: 'token' }), loss);
        expect(model.parameters.count).to.equal(inputSize * size + size * size + size + (size + 1) * outputSize);
        const outputs = await model.predict({ sequences });
        for (const [row, xs] of sequences.entries()) {
          const expected = statesOf(model, xs).map(h => f(affine(model, 'dense', h)));
          expectClose(outputs[row]!, expected.flat());
          const [alone] = await model.predict({ sequences: [xs] });
          expect(alone, 'alone as among others').to.deep.equal(outputs[row]);
        }
      });
  });
