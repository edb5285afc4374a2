import { expect } from 'chai';
import { gather } from '../../lib/ops/gather.ts';
import { gradients } from '../../lib/ops/gradients.ts';
import { scatterAdd } from '../../lib/ops/scatter-add.ts';
import { Recording } from '../../lib/program/recording.ts';
import { checkGradients } from './check-gradients.ts';
import { drawn } from './drawn.ts';
import { evaluate, integers, reals } from './evaluate.ts';

const table = reals([3, 2], [1, 2, 3, 4, 5, 6]);

describe('gather', () => {
  it('reads the rows of the ids, in any shape of ids', () => {
    const { y } = evaluate({ table, ids: integers([2, 2], [2, 0, 1, 2]) }, ({ table, ids }) => ({
      y: gather(table!, ids!),
    }));
    expect(y).to.deep.equal([5, 6, 1, 2, 3, 4, 5, 6]);
  });

  it('has the gradient of finite differences, repeated ids adding up', () => {
    checkGradients({
      inputs: { table: drawn([5, 3]), ids: integers([2, 4], [1, 1, 4, 0, 1, 4, 4, 2]) },
      build: ({ table, ids }) => ({ y: gather(table!, ids!) }),
    });
  });

  it('reads an ignored row, but lets no gradient into it', () => {
    const inputs = { table, ids: integers([3], [0, 1, 0]), up: reals([3, 2], [1, 1, 2, 3, 4, 4]) };
    const found = evaluate(inputs, ({ table, ids, up }) => {
      const y = gather(table!, ids!, { ignore: 0 });
      return { y, gradient: gradients([{ of: y, gradient: up! }], [table!])[0]! };
    });
    expect(found).to.deep.equal({ y: [1, 2, 3, 4, 1, 2], gradient: [0, 0, 2, 3, 0, 0] });
  });

  for (const wrong of [-1, 3, 2 ** 31 - 1])
    it(`fails the run on id ${wrong}, naming it and the limit`, () => {
      const run = () =>
        evaluate({ table, ids: integers([3], [0, wrong, 1]) }, ({ table, ids }) => ({ y: gather(table!, ids!) }));
      expect(run).to.throw(RangeError, `gather: ids[1] is ${wrong}, expected 0…2`).with.property('code', 'ERR_INDEX');
    });

  it('refuses a table that is no matrix and ids that are no integers', () => {
    const recording = new Recording('infer');
    const ids = recording.feed('ids', ['rows'], 'int32');
    expect(() => gather(recording.feed('t', [4]), ids))
      .to.throw(RangeError, 'gather: the table has shape [4], expected [rows, features]')
      .with.property('code', 'ERR_SHAPE');
    expect(() => gather(recording.feed('m', [4, 2]), recording.feed('r', ['rows']))).to.throw(
      TypeError,
      'gather: ids must be int32',
    );
  });
});

describe('scatterAdd', () => {
  it('adds rows into zeros', () => {
    const inputs = { x: reals([3, 2], [1, 2, 10, 20, 100, 200]), ids: integers([3], [2, 0, 2]) };
    const { y } = evaluate(inputs, ({ x, ids }) => ({ y: scatterAdd(x!, ids!, { rows: 4 }) }));
    expect(y).to.deep.equal([10, 20, 0, 0, 101, 202, 0, 0]);
  });

  it('has the gradient of finite differences, with and without an ignored id', () => {
    for (const ignore of [-1, 0, 1, 3])
      checkGradients({
        inputs: { x: drawn([2, 3, 2]), ids: integers([2, 3], [1, 3, 0, 1, 2, 0]) },
        build: ({ x, ids }) => ({ y: scatterAdd(x!, ids!, { rows: 4, ignore }) }),
      });
    checkGradients({
      inputs: { x: drawn([2, 2]), ids: integers([2], [0, 0]) },
      build: ({ x, ids }) => ({ y: scatterAdd(x!, ids!, { rows: 1, ignore: 0 }) }),
    });
  });

  it('fails the run on an id outside the table', () => {
    const run = () =>
      evaluate({ x: reals([1, 2], [1, 2]), ids: integers([1], [4]) }, ({ x, ids }) => ({
        y: scatterAdd(x!, ids!, { rows: 4 }),
      }));
    expect(run).to.throw(RangeError, 'scatterAdd: ids[0] is 4, expected 0…3').with.property('code', 'ERR_INDEX');
  });
});
