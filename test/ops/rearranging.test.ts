import { expect } from 'chai';
import { concat } from '../../lib/ops/concat.ts';
import { fill } from '../../lib/ops/fill.ts';
import { pad } from '../../lib/ops/pad.ts';
import { reshape } from '../../lib/ops/reshape.ts';
import { slice } from '../../lib/ops/slice.ts';
import { Recording } from '../../lib/program/recording.ts';
import { checkGradients } from './check-gradients.ts';
import { drawn } from './drawn.ts';
import { evaluate, integers, reals } from './evaluate.ts';

const table = reals([2, 3], [1, 2, 3, 4, 5, 6]);

describe('fill', () => {
  it('repeats a value over any shape', () => {
    const { y } = evaluate({ x: reals([1], [0]) }, (_, recording) => ({ y: fill(recording, ['rows', 2], 0.5) }), {
      sizes: { rows: 2 },
    });
    expect(y).to.deep.equal([0.5, 0.5, 0.5, 0.5]);
  });
});

describe('reshape', () => {
  it('keeps the elements and their order, integers too', () => {
    const { y, ids } = evaluate({ x: table, i: integers([4], [9, 8, 7, 6]) }, ({ x, i }) => ({
      y: reshape(x!, [3, 2]),
      ids: reshape(i!, [2, 2]),
    }));
    expect({ y, ids }).to.deep.equal({ y: [1, 2, 3, 4, 5, 6], ids: [9, 8, 7, 6] });
  });

  it('has the gradient of finite differences', () => {
    checkGradients({ inputs: { x: drawn([2, 6]) }, build: ({ x }) => ({ y: reshape(x!, [3, 4]) }) });
  });

  it('refuses a shape of other elements, also where named sizes differ', () => {
    const x = new Recording('infer').feed('x', ['rows', 6]);
    expect(() => reshape(x, ['rows', 2, 4]))
      .to.throw(RangeError, 'reshape: [rows, 6] does not have the elements of [rows, 2, 4]')
      .with.property('code', 'ERR_SHAPE');
    expect(() => reshape(x, ['columns', 6])).to.throw(RangeError, 'reshape');
    expect(reshape(x, [3, 'rows', 2]).shape).to.deep.equal([3, 'rows', 2]);
  });
});

describe('slice', () => {
  it('takes a range of any axis, from either end', () => {
    const parts = evaluate({ x: table }, ({ x }) => ({
      row: slice(x!, { axis: 0, start: 1 }),
      columns: slice(x!, { axis: 1, start: 0, stop: 2 }),
      last: slice(x!, { axis: -1, start: -1 }),
      butLast: slice(x!, { axis: -1, start: 0, stop: -1 }),
    }));
    expect(parts).to.deep.equal({ row: [4, 5, 6], columns: [1, 2, 4, 5], last: [3, 6], butLast: [1, 2, 4, 5] });
  });

  it('has the gradient of finite differences', () => {
    for (const axis of [0, 1, 2])
      checkGradients({
        inputs: { x: drawn([4, 4, 4]) },
        build: ({ x }) => ({ y: slice(x!, { axis, start: 1, stop: 3 }), z: slice(x!, { axis, start: 2 }) }),
      });
  });

  it('refuses ranges outside the axis and axes of named size', () => {
    const x = new Recording('infer').feed('x', ['rows', 3]);
    expect(() => slice(x, { axis: 1, start: 0, stop: 4 }))
      .to.throw(RangeError, 'slice: [0, 4) of axis 1 of [rows, 3]')
      .with.property('code', 'ERR_SHAPE');
    expect(() => slice(x, { axis: 0, start: 0 })).to.throw(
      RangeError,
      'slice: axis 0 of [rows, 3] has no fixed extent',
    );
    for (const [start, stop] of [
      [2, 2],
      [2, 1],
      [-4, 2],
      [0.5, 2],
    ] as const)
      expect(() => slice(x, { axis: 1, start, stop })).to.throw(RangeError, 'slice');
  });
});

describe('pad', () => {
  it('puts zeros before and after an axis', () => {
    const { columns, rows } = evaluate({ x: table }, ({ x }) => ({
      columns: pad(x!, { axis: 1, before: 1, after: 2 }),
      rows: pad(x!, { axis: 0, before: 1, after: 0 }),
    }));
    expect(columns).to.deep.equal([0, 1, 2, 3, 0, 0, 0, 4, 5, 6, 0, 0]);
    expect(rows).to.deep.equal([0, 0, 0, 1, 2, 3, 4, 5, 6]);
  });

  it('has the gradient of finite differences', () => {
    for (const axis of [0, 1, 2])
      checkGradients({
        inputs: { x: drawn([2, 3, 2]) },
        build: ({ x }) => ({ y: pad(x!, { axis, before: 2, after: 1 }) }),
      });
  });

  it('refuses an axis of named size', () => {
    const x = new Recording('infer').feed('x', ['rows', 3]);
    expect(() => pad(x, { axis: 0, before: 1, after: 0 }))
      .to.throw(RangeError, 'pad: axis 0 of [rows, 3] has no fixed extent')
      .with.property('code', 'ERR_SHAPE');
  });
});

describe('concat', () => {
  it('joins along any axis, by default the last', () => {
    const { last, first } = evaluate(
      { a: table, b: reals([2, 1], [10, 20]), c: reals([1, 3], [7, 8, 9]) },
      ({ a, b, c }) => ({
        last: concat([a!, b!, a!]),
        first: concat([c!, a!], { axis: 0 }),
      }),
    );
    expect(last).to.deep.equal([1, 2, 3, 10, 1, 2, 3, 4, 5, 6, 20, 4, 5, 6]);
    expect(first).to.deep.equal([7, 8, 9, 1, 2, 3, 4, 5, 6]);
  });

  it('keeps the order of more than ten tensors', () => {
    const inputs = Object.fromEntries(Array.from({ length: 12 }, (_, k) => [`p${k}`, reals([1], [k])]));
    const { y } = evaluate(inputs, tensors => ({ y: concat(Object.values(tensors)) }));
    expect(y).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  it('joins rows of a named size and integers', () => {
    const inputs = { a: integers(['rows', 1], [1, 2]), b: integers(['rows', 2], [3, 4, 5, 6]) };
    const { y } = evaluate(inputs, ({ a, b }) => ({ y: concat([a!, b!]) }), { sizes: { rows: 2 } });
    expect(y).to.deep.equal([1, 3, 4, 2, 5, 6]);
  });

  it('has the gradients of finite differences', () => {
    for (const axis of [0, 1, 2]) {
      const shape = (extent: number) => [2, 3, 4].map((other, at) => (at === axis ? extent : other));
      checkGradients({
        inputs: { a: drawn(shape(1)), b: drawn(shape(3)), c: drawn(shape(2)) },
        build: ({ a, b, c }) => ({ y: concat([a!, b!, c!, b!], { axis }) }),
      });
    }
  });

  it('refuses tensors that differ elsewhere, axes of named size, mixed types, and none at all', () => {
    const recording = new Recording('infer');
    const a = recording.feed('a', ['rows', 3]);
    expect(() => concat([a, recording.feed('b', ['columns', 3])]))
      .to.throw(RangeError, 'concat: [rows, 3] and [columns, 3] differ beside axis 1')
      .with.property('code', 'ERR_SHAPE');
    expect(() => concat([a, a], { axis: 0 })).to.throw(RangeError, 'concat: axis 0 of [rows, 3] has no fixed extent');
    expect(() => concat([a, recording.feed('i', ['rows', 1], 'int32')])).to.throw(TypeError, 'real and int32');
    expect(() => concat([]))
      .to.throw(RangeError, 'at least one tensor')
      .with.property('code', 'ERR_ARGUMENT');
  });
});
