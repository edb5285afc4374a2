import { expect } from 'chai';
import { softmax } from '../../lib/ops/softmax.ts';
import { Recording } from '../../lib/program/recording.ts';
import { checkGradients } from './check-gradients.ts';
import { drawn } from './drawn.ts';
import { evaluate, reals } from './evaluate.ts';

describe('softmax', () => {
  it('gives each row its probabilities, however large the scores', () => {
    const { y } = evaluate({ x: reals([3, 2], [0, Math.log(3), 1000, 1000, -1000, 1000]) }, ({ x }) => ({
      y: softmax(x!),
    }));
    [0.25, 0.75, 0.5, 0.5, 0, 1].forEach((value, k) => {
      expect(y![k]).to.be.closeTo(value, 1e-15);
    });
  });

  it('has the gradient of finite differences', () => {
    for (const shape of [[1], [5], [3, 4], [2, 3, 4], [4, 1]])
      checkGradients({ inputs: { x: drawn(shape, [-2, 2]) }, build: ({ x }) => ({ y: softmax(x!) }) });
  });

  it('refuses a scalar', () => {
    const x = new Recording('infer').feed('x', []);
    expect(() => softmax(x))
      .to.throw(RangeError, 'softmax: x is a scalar')
      .with.property('code', 'ERR_SHAPE');
  });
});
