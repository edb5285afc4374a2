import { expect } from 'chai';
import { layerNorm } from '../../lib/ops/layer-norm.ts';
import { Recording } from '../../lib/program/recording.ts';
import { checkGradients } from './check-gradients.ts';
import { drawn } from './drawn.ts';
import { type Build, evaluate, reals } from './evaluate.ts';

const normalized: Build = ({ x, gain, shift }) => ({ y: layerNorm(x!, { gain, shift, epsilon: 1e-3 }) });

describe('layerNorm', () => {
  it('brings each row to mean 0 and variance 1, however large its mean', () => {
    const { y } = evaluate({ x: reals([2, 4], [1, 3, 1, 3, 1e6 - 1, 1e6 + 1, 1e6 + 1, 1e6 - 1]) }, ({ x }) => ({
      y: layerNorm(x!),
    }));
    const one = 1 / Math.sqrt(1 + 1e-5);
    [-one, one, -one, one, -one, one, one, -one].forEach((value, k) => {
      expect(y![k]).to.be.closeTo(value, 1e-9);
    });
  });

  it('gives a row of equal numbers its shift', () => {
    const { y } = evaluate(
      { x: reals([2, 2], [7, 7, -3, -3]), gain: reals([2], [5, 6]), shift: reals([2], [1, 2]) },
      normalized,
    );
    expect(y).to.deep.equal([1, 2, 1, 2]);
  });

  it('takes a gain and a shift of its own for each of several rows', () => {
    const x = reals([2, 2, 2], [-1, 1, -1, 1, -1, 1, -1, 1]);
    const { y } = evaluate(
      { x, gain: reals([2, 2], [1, 2, 3, 4]), shift: reals([2, 2], [10, 20, 30, 40]) },
      normalized,
    );
    const one = 1 / Math.sqrt(1 + 1e-3);
    const expected = [10 - one, 20 + 2 * one, 30 - 3 * one, 40 + 4 * one];
    [...expected, ...expected].forEach((value, k) => {
      expect(y![k]).to.be.closeTo(value, 1e-12);
    });
  });

  it('has the gradient of finite differences', () => {
    for (const [shape, affine] of [
      [[5], [5]],
      [[3, 4], [4]],
      [
        [3, 2, 4],
        [2, 4],
      ],
      [[3, 2, 4], [4]],
      [[4, 1], [1]],
    ] as const) {
      const given = { x: drawn(shape, [-2, 2]), gain: drawn(affine, [0.5, 2]), shift: drawn(affine) };
      checkGradients({ inputs: given, build: normalized });
      checkGradients({ inputs: { x: given.x }, build: normalized });
    }
  });

  it('refuses what does not fit', () => {
    const recording = new Recording('train');
    const x = recording.feed('x', ['batch', 4]);
    expect(() => layerNorm(x, { gain: recording.feed('gain', [3]) }))
      .to.throw(RangeError, 'layerNorm: gain has shape [3], expected the last axes of [batch, 4]')
      .with.property('code', 'ERR_SHAPE');
    expect(() => layerNorm(x, { shift: recording.feed('shift', []) })).to.throw(RangeError, 'shift has shape []');
    expect(() => layerNorm(recording.feed('z', ['batch'])))
      .to.throw(RangeError, 'layerNorm: x has shape [batch], expected a last axis of fixed extent')
      .with.property('code', 'ERR_SHAPE');
    for (const epsilon of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => layerNorm(x, { epsilon }))
        .to.throw(RangeError, 'layerNorm: epsilon must be a positive number')
        .with.property('code', 'ERR_ARGUMENT');
  });
});
