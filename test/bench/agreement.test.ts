import { expect } from 'chai';
import { disagreement, distance } from '../../bench/agreement.ts';

describe('bench: agreement of answers', () => {
  const expected = {
    losses: [0.7, 0.69],
    tensors: { 'dense.weight': [2, -0.5] as const, 'dense.bias': [1, 0.1] as const },
  };
  const withLosses = (...losses: number[]) => disagreement(expected, { ...expected, losses });
  const withWeight = (norm: number, projection: number) =>
    disagreement(expected, { ...expected, tensors: { ...expected.tensors, 'dense.weight': [norm, projection] } });

  it('lets rounding pass', () => {
    expect(withLosses(0.700001, 0.690001)).to.equal(undefined);
    expect(withWeight(2.00001, -0.50001)).to.equal(undefined);
  });

  it('names the first loss that differs', () => {
    expect(withLosses(0.7, 0.6901)).to.equal('the loss of step 2 is 0.6901, expected 0.69');
    expect(withLosses(0.7)).to.contain('the loss of step 2 is undefined');
  });

  it('names a gradient of another size or another order', () => {
    expect(withWeight(2.001, -0.5)).to.match(/^dense.weight differs by 5.0e-4/);
    expect(withWeight(2, 0.5)).to.match(/^dense.weight differs/);
  });

  it('finds no agreement with NaN, nor with what is missing', () => {
    expect(withLosses(Number.NaN, 0.69)).to.contain('step 1');
    expect(withWeight(Number.NaN, -0.5)).to.contain('dense.weight');
    expect(disagreement(expected, { losses: expected.losses, tensors: {} })).to.equal('dense.weight is missing');
  });

  it('measures the distance by what differs most', () => {
    expect(distance(expected, expected)).to.equal(0);
    const got = {
      losses: [0.7, 0.69 * (1 + 3e-6)],
      tensors: { 'dense.weight': [2, -0.5 + 4e-5] as const, 'dense.bias': [1 - 1e-6, 0.1] as const },
    };
    expect(distance(expected, got)).to.be.closeTo(2e-5, 1e-12);
    expect(distance(expected, { ...got, tensors: expected.tensors })).to.be.closeTo(3e-6, 1e-12);
    expect(distance(expected, { ...got, tensors: {} })).to.equal(Infinity);
  });
});
