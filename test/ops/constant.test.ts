import { expect } from 'chai';
import { constant } from '../../lib/ops/constant.ts';
import { multiply } from '../../lib/ops/multiply.ts';
import { Recording } from '../../lib/program/recording.ts';
import { checkGradients } from './check-gradients.ts';
import { drawn } from './drawn.ts';
import { evaluate, reals } from './evaluate.ts';

describe('constant', () => {
  it('has the same numbers in every run', () => {
    const { y } = evaluate({ x: reals([1], [2]) }, ({ x }, recording) => ({
      y: multiply(constant(recording, [3], [1, -0.5, 1e-30]), x!),
    }));
    expect(y).to.deep.equal([2, -1, 2e-30]);
  });

  it('takes no gradient and lets the others through', () => {
    checkGradients({
      inputs: { x: drawn([2, 3]) },
      build: ({ x }, recording) => ({ y: multiply(x!, constant(recording, [3], [1, 2, -3])) }),
    });
  });

  it('refuses a shape of another size, no numbers, and numbers that are not finite', () => {
    const recording = new Recording('train');
    expect(() => constant(recording, [2, 2], [1, 2, 3])).to.throw(RangeError, '3 values for the shape [2, 2]');
    expect(() => constant(recording, [0], [])).to.throw(RangeError, '0 values for the shape [0]');
    expect(() => constant(recording, [2], [1, Number.NaN])).to.throw(RangeError, 'values[1] must be a finite number');
  });
});
