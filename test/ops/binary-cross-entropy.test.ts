import { expect } from 'chai';
import { binaryCrossEntropy } from '../../lib/ops/binary-cross-entropy.ts';
import { Recording } from '../../lib/program/recording.ts';
import { checkGradients } from './check-gradients.ts';
import { drawn } from './drawn.ts';
import { type Build, evaluate, reals } from './evaluate.ts';

const inputs = {
  logits: drawn([3, 2], [-3, 3]),
  targets: reals([3, 2], [0, 1, 1, 0, 0.3, 0.9]),
  positiveWeight: reals([2], [2, 0.5]),
  weights: reals([3, 2], [1, 2, 0, 0.5, 3, 1]),
};

describe('binaryCrossEntropy', () => {
  for (const weighted of [false, true]) {
    const build =
      (reduction: 'mean' | 'sum' | 'none'): Build =>
      ({ logits, targets, positiveWeight, weights }) => ({
        loss: binaryCrossEntropy(logits!, targets!, { reduction, ...(weighted ? { positiveWeight, weights } : {}) }),
      });

    it(`is −ln of the probability of the truth${weighted ? ', weighted' : ''}`, () => {
      const losses = Array.from(inputs.logits.values, (x, k) => {
        const probability = 1 / (1 + Math.exp(-x));
        const y = inputs.targets.values[k]!;
        const positive = weighted ? inputs.positiveWeight.values[k % 2]! : 1;
        const weight = weighted ? inputs.weights.values[k]! : 1;
        return -weight * (positive * y * Math.log(probability) + (1 - y) * Math.log(1 - probability));
      });
      const sum = losses.reduce((total, loss) => total + loss, 0);
      for (const [reduction, expected] of [
        ['none', losses],
        ['sum', [sum]],
        ['mean', [sum / 6]],
      ] as const)
        expected.forEach((loss, k) => {
          expect(evaluate(inputs, build(reduction)).loss![k]).to.be.closeTo(loss, 1e-14);
        });
    });

    it(`has the gradient of finite differences${weighted ? ', weighted' : ''}`, () => {
      for (const reduction of ['mean', 'sum', 'none'] as const)
        checkGradients({ inputs, by: ['logits'], build: build(reduction) });
    });
  }

  it('does not overflow, and of nothing is 0', () => {
    const build: Build = ({ logits, targets }) => ({
      loss: binaryCrossEntropy(logits!, targets!, { reduction: 'none' }),
    });
    const far = { logits: reals([4], [1000, -1000, 1000, -1000]), targets: reals([4], [1, 0, 0, 1]) };
    expect(evaluate(far, build).loss).to.deep.equal([0, 0, 1000, 1000]);
    const none = { logits: reals(['rows'], []), targets: reals(['rows'], []) };
    const mean: Build = ({ logits, targets }) => ({ loss: binaryCrossEntropy(logits!, targets!) });
    expect(evaluate(none, mean, { sizes: { rows: 0 } }).loss).to.deep.equal([0]);
  });

  it('refuses shapes that do not fit', () => {
    const recording = new Recording('train');
    const x = recording.feed('x', ['rows', 3]);
    const y = recording.feed('y', ['rows', 3]);
    expect(() => binaryCrossEntropy(x, recording.feed('t', ['rows'])))
      .to.throw(RangeError, 'binaryCrossEntropy: targets have shape [rows], expected [rows, 3]')
      .with.property('code', 'ERR_SHAPE');
    expect(() => binaryCrossEntropy(x, y, { weights: recording.feed('w', [3]) })).to.throw(
      RangeError,
      'weights have shape [3]',
    );
    expect(() => binaryCrossEntropy(x, y, { positiveWeight: recording.feed('p', ['rows', 3]) })).to.throw(
      RangeError,
      'positiveWeight has shape [rows, 3], expected [3]',
    );
  });
});
