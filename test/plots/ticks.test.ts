import { expect } from 'chai';
import fc from 'fast-check';
import { scaleOver } from '../../lib/plots/ticks.ts';

describe('scaleOver', () => {
  it('marks round numbers and labels them with the decimals they need', () => {
    const { ticks, label } = scaleOver([0.13, 0.79], 5);
    expect(ticks.map(label)).to.deep.equal(['0.2', '0.4', '0.6', '0.8']);
    const large = scaleOver([0, 2.4e6], 5);
    expect(large.ticks.map(large.label)).to.deep.equal(['0', '5.0e5', '1.0e6', '1.5e6', '2.0e6']);
    const small = scaleOver([0, 8e-6], 4);
    expect(small.ticks.map(small.label)).to.deep.equal(['0', '2e-6', '4e-6', '6e-6', '8e-6']);
  });

  it('marks whole numbers alone where the values are whole', () => {
    expect(scaleOver([1, 2], 6, { whole: true }).ticks).to.deep.equal([1, 2]);
    expect(scaleOver([1], 6, { whole: true }).ticks).to.deep.equal([1]);
  });

  it('has room and a mark for a single value, for equal values and for none', () => {
    for (const values of [[0.5], [3, 3], [0], [], [Number.NaN], [1, 1 + Number.EPSILON]]) {
      const { low, high, ticks } = scaleOver(values, 5);
      expect(high).to.be.above(low);
      expect(ticks.length).to.be.within(1, 12);
    }
  });

  it('holds all finite values and few marks, whatever the values', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1e12, max: 1e12 }), { minLength: 1 }), values => {
        const { low, high, ticks } = scaleOver(values, 5);
        const finite = values.filter(Number.isFinite);
        expect(finite.every(value => value >= low && value <= high)).to.equal(true);
        expect(ticks.every(tick => tick >= low && tick <= high)).to.equal(true);
        expect(ticks.length).to.be.below(13);
      }),
    );
  });
});
