import { expect } from 'chai';
import { type Batch, batches } from '../../lib/data/batches.ts';
import { dataset } from '../../lib/data/dataset.ts';
import { lengthsOf, unpackRows } from '../../lib/data/ragged.ts';
import { windowSize, windows } from '../../lib/data/windows.ts';
import { codeOf } from '../code-of.ts';

describe('windows', () => {
  const ids = [[1, 2], [3, 4, 5, 6, 7], [], [8], [9, 10, 11]];
  const [batch] = [...batches(dataset({ ids, classes: ids, per: 'token' }))] as [Batch];
  const cut = (forward: number, backward: number) =>
    [...windows(batch, { forward, backward })].map(({ input, past, targets, tokens }) => {
      if (input.kind !== 'ids' || past.kind !== 'ids') throw new Error('expected ids');
      const rows = unpackRows(input.values, 1, input.layout).map(row => [...row]);
      expect(unpackRows(targets!.values as Int32Array, 1, input.layout).map(row => [...row])).to.deep.equal(rows);
      expect(tokens).to.equal(rows.flat().length);
      expect([...lengthsOf(input.layout)]).to.deep.equal(rows.map(({ length }) => length));
      return { rows, past: unpackRows(past.values, 1, past.layout).map(row => [...row]) };
    });

  it('hold the steps of every row that fall into them, and nothing of rows that have ended', () => {
    expect(cut(2, 2).map(({ rows }) => rows)).to.deep.equal([
      [[1, 2], [3, 4], [], [8], [9, 10]],
      [[], [5, 6], [], [], [11]],
      [[], [7], [], [], []],
    ]);
    expect(cut(9, 9).map(({ rows }) => rows)).to.deep.equal([ids]);
  });

  it('come with the steps before them', () => {
    expect(cut(1, 3).map(({ past }) => past)).to.deep.equal([
      [[], [], [], [], []],
      [[1], [3], [], [8], [9]],
      [[1, 2], [3, 4], [], [8], [9, 10]],
      [[2], [4, 5], [], [], [10, 11]],
      [[], [5, 6], [], [], [11]],
    ]);
    expect(cut(2, 2).map(({ past }) => past.flat())).to.deep.equal([[], [], []]);
  });

  it('have a size', () => {
    expect(windowSize('train', 35)).to.deep.equal({ forward: 35, backward: 35 });
    for (const size of [0, 2.5, { forward: 2, backward: 1 }, { forward: 2, backward: 5 }])
      expect(codeOf(() => windowSize('train', size))).to.equal('ERR_ARGUMENT');
  });

  it('need time, and targets along it', () => {
    const first = (data: ReturnType<typeof dataset>) => () =>
      windows([...batches(data)][0]!, { forward: 1, backward: 1 }).next();
    expect(codeOf(first(dataset({ vectors: [[1]] })))).to.equal('ERR_DATA');
    expect(codeOf(first(dataset({ ids, classes: [0, 1, 0, 1, 0] })))).to.equal('ERR_DATA');
  });
});
