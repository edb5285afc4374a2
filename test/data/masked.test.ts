import { expect } from 'chai';
import { packMask, packMasked, putBack, type RowMoves } from '../../lib/data/masked.ts';
import { lengthsOf } from '../../lib/data/ragged.ts';
import { codeOf } from '../code-of.ts';

/** Four steps of: one with a hole, one padded in front, one of which nothing counts, one padded behind. */
const mask = [
  [1, 0, 0, 1],
  [0, 0, 0, 1],
  [1, 1, 0, 0],
  [1, 1, 0, 0],
].flat();
const batch = 4;
/** Where the packed rows stand: those of the longest sequence first within a step. */
const places = [0, 9, 3, 8, 13, 7, 12];

const pairs = ({ from, to }: RowMoves) => Object.fromEntries([...to].map((place, index) => [place, from[index]!]));

describe('packMask', () => {
  it('packs the steps that count as if there were no others', () => {
    const masked = packMask(mask, batch);
    expect([...lengthsOf(masked.layout)]).to.deep.equal([3, 2, 0, 2]);
    expect([...masked.places]).to.deep.equal(places);
    expect({ steps: masked.steps, batch: masked.batch }).to.deep.equal({ steps: 4, batch: 4 });
  });

  it('takes batches of nothing', () => {
    for (const [mask, batch] of [
      [[], 0],
      [[], 3],
      [[0, 0, 0, 0], 2],
    ] as const) {
      const masked = packMask(mask, batch);
      expect(masked.layout).to.deep.include({ steps: 0, batch, tokens: 0 });
      expect([...putBack(masked, { direction: 'forward', padding: 'zero' }).outputs.to]).to.deep.equal([]);
    }
  });

  it('refuses masks of no whole number of steps', () => {
    expect(codeOf(() => packMask([1, 0, 1], 2))).to.equal('ERR_DATA');
    expect(codeOf(() => packMask([1], 0))).to.equal('ERR_DATA');
    expect(codeOf(() => packMask([1, 1], -1))).to.equal('ERR_DATA');
  });
});

describe('packMasked', () => {
  it('takes the rows of the steps that count', () => {
    const x = Array.from({ length: 32 }, (_, k) => k);
    const rows = packMasked(x, 2, packMask(mask, batch));
    expect([...rows]).to.deep.equal(places.flatMap(place => [2 * place, 2 * place + 1]));
    expect(rows).to.be.instanceOf(Float32Array);
    expect(packMasked(x, 2, packMask(mask, batch), 'float64')).to.be.instanceOf(Float64Array);
  });

  it('refuses what has not the shape of the mask', () => {
    expect(() => packMasked([1, 2, 3], 2, packMask(mask, batch)))
      .to.throw(RangeError, 'packMasked: x has 3 elements, expected [4, 4, 2]')
      .with.property('code', 'ERR_DATA');
  });
});

describe('putBack', () => {
  const masked = packMask(mask, batch);

  it("puts outputs where their steps are, and leaves the others alone with padding 'zero'", () => {
    const { outputs, initial } = putBack(masked, { direction: 'backward', padding: 'zero' });
    expect(pairs(outputs)).to.deep.equal(Object.fromEntries(places.map((place, row) => [place, row])));
    expect([...initial.to]).to.deep.equal([]);
  });

  it("holds what counted last with padding 'hold', and before it the initial state", () => {
    const { outputs, initial } = putBack(masked, { direction: 'forward', padding: 'hold' });
    expect(pairs(outputs)).to.deep.equal({ 0: 0, 4: 0, 8: 3, 12: 6, 9: 1, 13: 4, 3: 2, 7: 5, 11: 5, 15: 5 });
    expect(pairs(initial)).to.deep.equal({ 1: 1, 5: 1, 2: 2, 6: 2, 10: 2, 14: 2 });
  });

  it('holds from the end on where steps are taken backward', () => {
    const { outputs, initial } = putBack(masked, { direction: 'backward', padding: 'hold' });
    expect(pairs(outputs)).to.deep.equal({ 0: 0, 4: 3, 8: 3, 12: 6, 9: 1, 13: 4, 1: 1, 5: 1, 3: 2, 7: 5 });
    expect(pairs(initial)).to.deep.equal({ 2: 2, 6: 2, 10: 2, 14: 2, 11: 3, 15: 3 });
  });
});
