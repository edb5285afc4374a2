import { expect } from 'chai';
import fc from 'fast-check';
import {
  lengthsOf,
  packIds,
  packLayout,
  packPadded,
  packRows,
  padTimeMajor,
  unpackRows,
} from '../../lib/data/ragged.ts';

const raggedLengths = fc.array(fc.nat({ max: 9 }), { maxLength: 12 });

/** Sequences [length, features] in which every number occurs once. */
function distinctSequences(lengths: readonly number[], features: number): Float64Array[] {
  let next = 1;
  return lengths.map(length => Float64Array.from({ length: length * features }, () => next++));
}

describe('packLayout', () => {
  it('sorts by length, longest first, and keeps the order of equal lengths', () => {
    expect(packLayout([2, 0, 3, 2, 0])).to.deep.equal({
      steps: 3,
      batch: 5,
      tokens: 7,
      offsets: Int32Array.of(0, 3, 6),
      order: Int32Array.of(2, 0, 3, 1, 4),
    });
  });

  it('takes batches without a token and without a sequence', () => {
    expect(packLayout([0, 0])).to.deep.equal({
      steps: 0,
      batch: 2,
      tokens: 0,
      offsets: new Int32Array(),
      order: Int32Array.of(0, 1),
    });
    expect(packLayout([]).batch).to.equal(0);
  });

  it('gives a permutation under which lengths never grow and are known again', () => {
    fc.assert(
      fc.property(raggedLengths, lengths => {
        const layout = packLayout(lengths);
        expect([...layout.order].sort((a, b) => a - b)).to.deep.equal(lengths.map((_, index) => index));
        const sorted = lengths
          .map((length, index) => ({ length, index }))
          .sort((a, b) => b.length - a.length || a.index - b.index);
        expect([...layout.order]).to.deep.equal(sorted.map(({ index }) => index));
        expect([...lengthsOf(layout)]).to.deep.equal(lengths);
        layout.offsets.forEach((offset, t) => {
          const before = lengths.reduce((sum, length) => sum + Math.min(length, t), 0);
          expect(offset).to.equal(before);
        });
      }),
    );
  });

  it('refuses lengths that are no whole numbers', () => {
    for (const length of [-1, 1.5, Number.NaN])
      expect(() => packLayout([1, length]))
        .to.throw(RangeError, 'length 1')
        .with.property('code', 'ERR_DATA');
  });
});

describe('packing', () => {
  it('puts the row of step t of rank r at offsets[t] + r', () => {
    const sequences = [[10, 11], [], [30, 31, 32], [40, 41]];
    const layout = packLayout(sequences.map(({ length }) => length));
    expect([...packIds(sequences, layout)]).to.deep.equal([30, 10, 40, 31, 11, 41, 32]);
    const rows = [[1, 2, 3, 4], [], [5, 6, 7, 8, 9, 10], [11, 12, 13, 14]];
    expect([...packRows(rows, 2, layout)]).to.deep.equal([5, 6, 1, 2, 11, 12, 7, 8, 3, 4, 13, 14, 9, 10]);
  });

  it('is undone by unpackRows, for rows of any width and for ids', () => {
    fc.assert(
      fc.property(raggedLengths, fc.integer({ min: 1, max: 4 }), (lengths, features) => {
        const layout = packLayout(lengths);
        const sequences = distinctSequences(lengths, features);
        expect(unpackRows(packRows(sequences, features, layout, 'float64'), features, layout)).to.deep.equal(sequences);
        const ids = distinctSequences(lengths, 1).map(sequence => Int32Array.from(sequence));
        expect(unpackRows(packIds(ids, layout), 1, layout)).to.deep.equal(ids);
      }),
    );
  });

  it('is undone by padTimeMajor and packPadded, which see zeros past each length', () => {
    fc.assert(
      fc.property(raggedLengths, fc.integer({ min: 1, max: 3 }), (lengths, features) => {
        const layout = packLayout(lengths);
        const sequences = distinctSequences(lengths, features);
        const packed = packRows(sequences, features, layout, 'float64');
        const padded = padTimeMajor(packed, features, layout);
        expect(padded.length).to.equal(layout.steps * layout.batch * features);
        for (let t = 0; t < layout.steps; t++)
          for (let index = 0; index < layout.batch; index++)
            for (let f = 0; f < features; f++)
              expect(padded[(t * layout.batch + index) * features + f]).to.equal(
                sequences[index]![t * features + f] ?? 0,
              );
        expect(packPadded(padded, features, lengths, 'float64')).to.deep.equal({ layout, rows: packed });
      }),
    );
  });

  it('packs in the precision asked for, float32 by default', () => {
    const layout = packLayout([1]);
    expect(packRows([[0.1]], 1, layout)).to.deep.equal(Float32Array.of(0.1));
    expect(packRows([[0.1]], 1, layout, 'float64')).to.deep.equal(Float64Array.of(0.1));
    expect(packPadded([0.1], 1, [1]).rows).to.deep.equal(Float32Array.of(0.1));
  });

  it('accepts padding beyond the longest sequence and refuses too few steps', () => {
    expect([...packPadded([1, 2, 3, 4, 0, 0], 1, [2, 1]).rows]).to.deep.equal([1, 2, 3]);
    expect(() => packPadded([1, 2], 1, [2, 1]))
      .to.throw(RangeError, 'x has 2 elements, expected [steps, 2, 1]')
      .with.property('code', 'ERR_DATA');
  });
});
