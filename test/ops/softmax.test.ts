import { expect } from 'chai';
import { softmax } from '../../lib/ops/softmax.ts';
import { Recording } from '../../lib/program/recording.ts';
import { checkGradients } from './check-gradients.ts';
import { drawn } from './drawn.ts';
import { evaluate, integers, reals } from './evaluate.ts';

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

  describe('with lengths', () => {
    const lengths = integers([3], [2, 0, 3]);
    const masked: Parameters<typeof evaluate>[1] = ({ x, lengths }) => ({ y: softmax(x!, { lengths }) });

    it('gives what lies beyond exactly 0, and nothing to share out where nothing counts', () => {
      const x = reals([3, 2, 3], [1, 1, 99, 0, Math.log(3), Number.NaN, 1, 2, 3, 4, 5, 6, 7, 7, 7, 0, 0, -1000]);
      const { y } = evaluate({ x, lengths }, masked);
      const third = 1 / 3;
      [0.5, 0.5, 0, 0.25, 0.75, 0, 0, 0, 0, 0, 0, 0, third, third, third, 0.5, 0.5, 0].forEach((value, k) => {
        if (value === 0) expect(y![k]).to.equal(0);
        else expect(y![k]).to.be.closeTo(value, 1e-15);
      });
    });

    it('has the gradient of finite differences', () => {
      for (const shape of [
        [3, 3],
        [3, 2, 4],
        [3, 2, 2, 3],
      ])
        checkGradients({ inputs: { x: drawn(shape, [-2, 2]), lengths }, build: masked });
    });

    it('fails the run on one that is longer than the axis', () => {
      const inputs = { x: drawn([3, 2]), lengths };
      expect(() => evaluate(inputs, masked))
        .to.throw(RangeError, 'softmax: lengths[2] is 3, expected 0…2')
        .with.property('code', 'ERR_INDEX');
    });

    it('refuses any that do not fit', () => {
      const recording = new Recording('infer');
      const x = recording.feed('x', ['batch', 4]);
      expect(() => softmax(x, { lengths: recording.feed('a', ['batch']) })).to.throw(
        TypeError,
        'lengths must be int32',
      );
      expect(() => softmax(x, { lengths: recording.feed('b', [3], 'int32') }))
        .to.throw(RangeError, 'softmax: lengths have shape [3], expected one for each of the first axis of [batch, 4]')
        .with.property('code', 'ERR_SHAPE');
      expect(() => softmax(recording.feed('z', [4]), { lengths: recording.feed('c', [4], 'int32') })).to.throw(
        RangeError,
        'lengths have shape [4]',
      );
    });
  });

  it('refuses a scalar', () => {
    const x = new Recording('infer').feed('x', []);
    expect(() => softmax(x))
      .to.throw(RangeError, 'softmax: x is a scalar')
      .with.property('code', 'ERR_SHAPE');
  });
});
