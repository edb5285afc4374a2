import { expect } from 'chai';
import { add } from '../../lib/ops/add.ts';
import { gather } from '../../lib/ops/gather.ts';
import { globalNorm } from '../../lib/ops/global-norm.ts';
import { gradients } from '../../lib/ops/gradients.ts';
import { matmul } from '../../lib/ops/matmul.ts';
import { tableRows } from '../../lib/ops/merge-rows.ts';
import { scatterAdd } from '../../lib/ops/scatter-add.ts';
import { sum } from '../../lib/ops/sum.ts';
import { Recording } from '../../lib/program/recording.ts';
import type { Tensor } from '../../lib/program/tensor.ts';
import { evaluate, type Given, integers, reals } from './evaluate.ts';

/** What is left of a table that `build` adds up from rows: as many rows as there are, and where they belong. */
function merged(inputs: Readonly<Record<string, Given>>, build: (inputs: Readonly<Record<string, Tensor>>) => Tensor) {
  const found = evaluate(inputs, tensors =>
    Object.fromEntries(
      tableRows(build(tensors))!.flatMap(({ rows, at }, k) => [
        [`rows${k}`, rows],
        [`at${k}`, at],
      ]),
    ),
  );
  return Object.keys(found)
    .filter(name => name.startsWith('at'))
    .map(name => {
      const at = found[name]!;
      const rows = found[name.replace('at', 'rows')]!;
      const count = at.filter(row => row >= 0).length;
      expect(at.slice(count), `${name} behind its rows`).to.deep.equal(new Array(at.length - count).fill(-1));
      return { at: at.slice(0, count), rows: rows.slice(0, (rows.length / at.length) * count) };
    });
}

const x = reals([5, 2], [1, 2, 10, 20, 100, 200, 1000, 2000, 5, 5]);

describe('tableRows', () => {
  it('gives each row that is not 0 once, in the order in which ids occur', () => {
    const ids = integers([5], [3, 1, 3, 0, 1]);
    expect(merged({ x, ids }, ({ x, ids }) => scatterAdd(x!, ids!, { rows: 4 }))).to.deep.equal([
      { at: [3, 1, 0], rows: [101, 202, 15, 25, 1000, 2000] },
    ]);
  });

  it('leaves out rows that are nowhere, and the id to ignore', () => {
    const ids = integers([5], [2, -1, 0, 2, 0]);
    expect(merged({ x, ids }, ({ x, ids }) => scatterAdd(x!, ids!, { rows: 4, ignore: 0 }))).to.deep.equal([
      { at: [2], rows: [1001, 2002] },
    ]);
  });

  it('takes ids of any shape, and none', () => {
    const [none, nowhere] = [reals([0, 3], []), integers([0], [])];
    expect(merged({ x: none, ids: nowhere }, ({ x, ids }) => scatterAdd(x!, ids!, { rows: 4 }))).to.deep.equal([
      { at: [], rows: [] },
    ]);
    const [square, ids] = [reals([2, 2, 1], [1, 2, 3, 4]), integers([2, 2], [1, 0, 0, 1])];
    expect(merged({ square, ids }, ({ square, ids }) => scatterAdd(square!, ids!, { rows: 2 }))).to.deep.equal([
      { at: [1, 0], rows: [5, 5] },
    ]);
  });

  it('adds up what several readers send back, each id at the first of them', () => {
    const inputs = {
      table: reals([4, 1], [0, 0, 0, 0]),
      first: integers([2], [1, 2]),
      second: integers([3], [2, 3, 3]),
      third: integers([1], [1]),
    };
    // Gradients arrive from the last reader first.
    const found = merged(inputs, ({ table, ...ids }) => {
      const read = Object.values(ids).map(of => sum(gather(table!, of)));
      return gradients(read.reduce(add), [table!])[0]!;
    });
    expect(found).to.deep.equal([
      { at: [1], rows: [2] },
      { at: [2, 3], rows: [2, 2] },
      { at: [], rows: [] },
    ]);
  });

  it('is defined for nothing that another operation has a part in', () => {
    const recording = new Recording('train');
    const table = recording.feed('table', [4, 2]);
    const ids = recording.feed('ids', ['rows'], 'int32');
    const up = recording.feed('up', ['rows', 2]);
    const read = (ignore?: number) => scatterAdd(up, ids, { rows: 4, ...(ignore === undefined ? {} : { ignore }) });
    const tied = add(sum(gather(table, ids)), sum(matmul(up, table, { transposeB: true })));
    for (const other of [
      table,
      gradients(tied, [table])[0]!,
      gradients(sum(up), [table])[0]!,
      add(read(), table),
      add(table, read()),
      add(read(0), read()), // not the same is left out
      add(read(), scatterAdd(up, ids, { rows: 1 })), // a row for all
    ])
      expect(tableRows(other)).to.equal(undefined);
    expect(tableRows(add(read(1), read(1)))).to.have.length(2);
  });

  for (const wrong of [-2, 4])
    it(`fails the run on id ${wrong}, naming it and the limit`, () => {
      const run = () =>
        evaluate({ x: reals([2, 1], [1, 2]), ids: integers([2], [3, wrong]) }, ({ x, ids }) => ({
          rows: tableRows(scatterAdd(x!, ids!, { rows: 4 }))![0]!.rows,
        }));
      expect(run)
        .to.throw(RangeError, `mergeRows: ids0[1] is ${wrong}, expected 0…3`)
        .with.property('code', 'ERR_INDEX');
    });

  it('has the norm of the table', () => {
    const ids = integers([5], [2, 1, 2, 0, 1]);
    const { whole, rows } = evaluate({ x, ids }, ({ x, ids }) => {
      const table = scatterAdd(x!, ids!, { rows: 3, ignore: 0 });
      return { whole: globalNorm([table, x!]), rows: globalNorm([...tableRows(table)!, x!]) };
    });
    expect(rows).to.deep.equal(whole);
  });
});
