import { expect } from 'chai';
import { raggedLengths } from '../../bench/lengths.ts';

describe('bench: lengths of ragged batches', () => {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

  for (const [name, lengths] of Object.entries(raggedLengths)) {
    it(`${name}: are the same every time, longest first, and reach the last step`, () => {
      const drawn = lengths(64, 128);
      expect(drawn).to.deep.equal(lengths(64, 128));
      expect(drawn).to.deep.equal([...drawn].sort((a, b) => b - a));
      expect([drawn.length, drawn[0]]).to.deep.equal([64, 128]);
      expect(drawn.every(length => Number.isInteger(length) && length >= 1)).to.equal(true);
    });

    it(`${name}: exist for one step and for one sequence`, () => {
      expect(lengths(3, 1)).to.deep.equal([1, 1, 1]);
      expect(lengths(1, 9)).to.deep.equal([9]);
    });
  }

  it('uniform: from a quarter of the steps', () => {
    const drawn = raggedLengths.uniform(4000, 100);
    expect(drawn.at(-1)).to.equal(25);
    // Of n values uniform in 25…100 the mean has the standard deviation 22/√n = 0.35.
    expect(mean(drawn)).to.be.within(61, 64);
  });

  it('lognormal: half of them below a quarter of the steps', () => {
    const drawn = raggedLengths.lognormal(4000, 1000);
    // The share below the median has the standard deviation 1/(2√n) = 0.008.
    expect(drawn.filter(length => length <= 250).length / 4000).to.be.within(0.46, 0.54);
    // And a sixth of them more than one deviation, e^0.7, above it.
    expect(drawn.filter(length => length > 250 * Math.exp(0.7)).length / 4000).to.be.within(0.135, 0.183);
  });
});
