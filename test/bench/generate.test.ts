import { expect } from 'chai';
import { fingerprint, integers, reals } from '../../bench/generate.ts';

describe('bench: generated weights and data', () => {
  it('are those that the contenders in Python and C++ make', () => {
    expect([...reals('recurrent0.bias', 3, 0.5)]).to.deep.equal([
      0.014997124671936035, -0.17648136615753174, 0.2572892904281616,
    ]);
    expect([...integers('ids', 8, 2500)]).to.deep.equal([617, 2029, 541, 78, 1927, 2163, 1507, 1355]);
  });

  it('fill their range evenly', () => {
    const values = reals('x', 20_000, 2);
    expect(Math.min(...values)).to.be.within(-2, -1.99);
    expect(Math.max(...values)).to.be.within(1.99, 2);
    // The mean of n values uniform in [-2, 2) has the standard deviation 2/sqrt(3n) = 0.008.
    expect(values.reduce((sum, value) => sum + value, 0) / values.length).to.be.within(-0.04, 0.04);
  });

  it('have a fingerprint that sees values change places', () => {
    const [norm, projection] = fingerprint([3, 4]);
    expect(norm).to.equal(5);
    expect(fingerprint([4, 3])).to.not.deep.equal([norm, projection]);
  });
});
