import { expect } from 'chai';
import { padSequences, truncate } from '../../lib/text/pad.ts';

const plain = (rows: Iterable<Int32Array>) => [...rows].map(row => [...row]);

describe('truncate', () => {
  const ids = Int32Array.of(1, 2, 3, 4);

  it('drops ids in front, or behind, and leaves shorter sequences alone', () => {
    expect([...truncate(ids, 3)]).to.deep.equal([2, 3, 4]);
    expect([...truncate(ids, 3, 'back')]).to.deep.equal([1, 2, 3]);
    expect(truncate(ids, 4)).to.equal(ids);
  });
});

describe('padSequences', () => {
  const sequences = [[1, 2, 3], [4], []];

  it('pads and truncates in front by default, to the longest length', () => {
    expect(plain(padSequences(sequences))).to.deep.equal([
      [1, 2, 3],
      [0, 0, 4],
      [0, 0, 0],
    ]);
    expect(plain(padSequences(sequences, { length: 2 }))).to.deep.equal([
      [2, 3],
      [0, 4],
      [0, 0],
    ]);
  });

  it('pads behind with another value and keeps the first ids where told so', () => {
    expect(plain(padSequences(sequences, { length: 2, pad: 'back', truncate: 'back', value: -1 }))).to.deep.equal([
      [1, 2],
      [4, -1],
      [-1, -1],
    ]);
  });

  it('refuses lengths that are none', () => {
    for (const length of [-1, 1.5])
      expect(() => padSequences(sequences, { length }))
        .to.throw(RangeError, 'length')
        .with.property('code', 'ERR_ARGUMENT');
  });
});
