import { expect } from 'chai';
import { argmax } from '../../lib/ops/argmax.ts';
import { globalNorm } from '../../lib/ops/global-norm.ts';
import { mean } from '../../lib/ops/mean.ts';
import { sum } from '../../lib/ops/sum.ts';
import { Recording } from '../../lib/program/recording.ts';
import { checkGradients } from './check-gradients.ts';
import { drawn } from './drawn.ts';
import { evaluate, integers, reals } from './evaluate.ts';

const cube = reals([2, 3, 2], [1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60]);

describe('sum', () => {
  it('adds along one axis or all of them, and keeps the axis where asked', () => {
    const sums = evaluate({ x: cube }, ({ x }) => ({
      all: sum(x!),
      first: sum(x!, { axis: 0 }),
      middle: sum(x!, { axis: 1 }),
      last: sum(x!, { axis: -1, keep: true }),
    }));
    expect(sums).to.deep.equal({
      all: [231],
      first: [11, 22, 33, 44, 55, 66],
      middle: [9, 12, 90, 120],
      last: [3, 7, 11, 30, 70, 110],
    });
  });

  it('of nothing is 0', () => {
    const { y } = evaluate({ x: reals(['rows', 2], []) }, ({ x }) => ({ y: sum(x!, { axis: 0 }) }), {
      sizes: { rows: 0 },
    });
    expect(y).to.deep.equal([0, 0]);
  });

  it('refuses an axis that is not there', () => {
    const x = new Recording('infer').feed('x', [2, 3]);
    expect(() => sum(x, { axis: 2 }))
      .to.throw(RangeError, 'sum: axis 2 of a tensor of shape [2, 3]')
      .with.property('code', 'ERR_SHAPE');
  });
});

describe('mean', () => {
  it('divides by the extent of the axis, or by the number of elements', () => {
    const means = evaluate({ x: cube }, ({ x }) => ({ all: mean(x!), middle: mean(x!, { axis: 1 }) }));
    expect(means).to.deep.equal({ all: [231 / 12], middle: [3, 4, 30, 40] });
  });

  it('of nothing is 0, and so is its gradient', () => {
    const { y } = evaluate({ x: reals(['rows'], []) }, ({ x }) => ({ y: mean(x!) }), { sizes: { rows: 0 } });
    expect(y).to.deep.equal([0]);
  });
});

for (const [name, op] of Object.entries({ sum, mean }))
  describe(`${name} of any axis`, () => {
    for (const options of [{}, { keep: true }, { axis: 0 }, { axis: 1, keep: true }, { axis: -1 }])
      it(`has the gradient of finite differences with ${JSON.stringify(options)}`, () => {
        for (const shape of [[5], [2, 3], [3, 1, 4], [2, 3, 4]])
          if ((options.axis ?? 0) < shape.length)
            checkGradients({ inputs: { x: drawn(shape) }, build: ({ x }) => ({ y: op(x!, options) }) });
      });
  });

describe('argmax', () => {
  it('is the place of the largest element of each row, the first of equals', () => {
    const x = reals([4, 3], [1, 3, 2, 5, 5, 5, -3, -2, -1, 0, -1, 0]);
    expect(evaluate({ x }, ({ x }) => ({ y: argmax(x!) })).y).to.deep.equal([1, 0, 2, 0]);
  });

  it('gives int32, which gather takes', () => {
    const x = new Recording('infer').feed('x', ['rows', 3]);
    expect(argmax(x)).to.include({ dtype: 'int32' }).and.have.property('shape').deep.equal(['rows']);
  });
});

describe('globalNorm', () => {
  it('is the root of the sum of squares over all tensors', () => {
    const norm = evaluate({ a: reals([2], [1, -2]), b: reals([2, 1], [2, 4]) }, ({ a, b }) => ({
      norm: globalNorm([a!, b!]),
    }));
    expect(norm).to.deep.equal({ norm: [5] });
  });

  it('ends with the rows of a table that there are', () => {
    const inputs = { rows: reals([3, 1], [3, 4, 100]), at: integers([3], [5, 0, -1]), b: reals([1], [12]) };
    const norm = evaluate(inputs, ({ rows, at, b }) => ({ norm: globalNorm([{ rows: rows!, at: at! }, b!]) }));
    expect(norm).to.deep.equal({ norm: [13] });
  });

  it('sees more than ten tensors', () => {
    const inputs = Object.fromEntries(Array.from({ length: 12 }, (_, k) => [`p${k}`, reals([1], [k])]));
    const { norm } = evaluate(inputs, tensors => ({ norm: globalNorm(Object.values(tensors)) }));
    expect(norm![0]).to.be.closeTo(Math.sqrt(506), 1e-14);
  });
});

describe('integer feeds', () => {
  it('are not differentiated', () => {
    checkGradients({
      inputs: { x: drawn([2, 3]), ids: integers([2], [1, 0]) },
      build: ({ x }) => ({ y: sum(x!) }),
    });
  });
});
