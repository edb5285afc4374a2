import { expect } from 'chai';
import { add } from '../../lib/ops/add.ts';
import { broadcast } from '../../lib/ops/broadcast.ts';
import { divide } from '../../lib/ops/divide.ts';
import { multiply } from '../../lib/ops/multiply.ts';
import { subtract } from '../../lib/ops/subtract.ts';
import { sumTo } from '../../lib/ops/sum-to.ts';
import { Recording } from '../../lib/program/recording.ts';
import { checkGradients } from './check-gradients.ts';
import { drawn } from './drawn.ts';
import { evaluate, reals } from './evaluate.ts';

const operations = {
  add: { op: add, of: (a: number, b: number) => a + b },
  subtract: { op: subtract, of: (a: number, b: number) => a - b },
  multiply: { op: multiply, of: (a: number, b: number) => a * b },
  divide: { op: divide, of: (a: number, b: number) => a / b },
};

const shapes: readonly (readonly [number[], number[]])[] = [
  [[], []],
  [[5], []],
  [
    [2, 3],
    [2, 3],
  ],
  [[4, 3], [3]],
  [[3], [4, 3]],
  [[4, 1], [3]],
  [
    [4, 3],
    [4, 1],
  ],
  [
    [2, 1, 3],
    [4, 1],
  ],
  [
    [2, 3, 4],
    [1, 3, 1],
  ],
  [
    [1, 1, 4],
    [2, 3, 4],
  ],
  [
    [2, 1, 2, 1],
    [1, 3, 1, 2],
  ],
  [[0, 3], [3]],
  [
    [0, 3],
    [1, 1],
  ],
];

/** y[index] = of(a[index], b[index]), every index written out, operands addressed modulo their extents. */
function stretched(
  a: number[],
  aValues: ArrayLike<number>,
  b: number[],
  bValues: ArrayLike<number>,
  of: (p: number, q: number) => number,
): number[] {
  const rank = Math.max(a.length, b.length);
  const left = [...new Array<number>(rank - a.length).fill(1), ...a];
  const right = [...new Array<number>(rank - b.length).fill(1), ...b];
  const extents = left.map((extent, axis) => (extent === 1 ? right[axis]! : extent));
  const total = extents.reduce((product, extent) => product * extent, 1);
  return Array.from({ length: total }, (_, flat) => {
    const index = new Array<number>(rank);
    for (let axis = rank - 1, rest = flat; axis >= 0; axis--) {
      index[axis] = rest % extents[axis]!;
      rest = Math.floor(rest / extents[axis]!);
    }
    const at = (shape: number[]) => shape.reduce((place, extent, axis) => place * extent + (index[axis]! % extent), 0);
    return of(aValues[at(left)]!, bValues[at(right)]!);
  });
}

for (const [name, { op, of }] of Object.entries(operations))
  describe(name, () => {
    for (const [p, q] of shapes) {
      const inputs = { a: drawn(p), b: drawn(q, [0.5, 2], 6) };
      it(`stretches [${p}] and [${q}]`, () => {
        const { y } = evaluate(inputs, ({ a, b }) => ({ y: op(a!, b!) }));
        expect(y).to.deep.equal(stretched(p, inputs.a.values, q, inputs.b.values, of));
      });
      it(`has the gradients of finite differences on [${p}] and [${q}]`, () => {
        checkGradients({ inputs, build: ({ a, b }) => ({ y: op(a!, b!) }) });
      });
    }

    it('sums the gradient of an operand that is used on both sides', () => {
      checkGradients({ inputs: { a: drawn([3, 1], [0.5, 2]) }, build: ({ a }) => ({ y: op(a!, op(a!, a!)) }) });
    });

    it('refuses shapes that do not fit while recording', () => {
      const recording = new Recording('infer');
      const [a, b] = [recording.feed('a', ['rows', 3]), recording.feed('b', ['rows', 4])];
      expect(() => op(a, b))
        .to.throw(RangeError, `${name}: shapes [rows, 3] and [rows, 4] do not fit at axis -1`)
        .with.property('code', 'ERR_SHAPE');
      expect(() => op(a, recording.feed('c', ['columns', 3]))).to.throw(RangeError, name);
    });
  });

describe('broadcast', () => {
  it('repeats along new axes and along axes of extent 1', () => {
    const { y } = evaluate({ x: reals([2, 1], [1, 2]) }, ({ x }) => ({ y: broadcast(x!, [2, 2, 3]) }));
    expect(y).to.deep.equal([1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2]);
  });

  it('repeats along a named size', () => {
    const { y } = evaluate({ x: reals([2], [1, 2]) }, ({ x }) => ({ y: broadcast(x!, ['rows', 2]) }), {
      sizes: { rows: 3 },
    });
    expect(y).to.deep.equal([1, 2, 1, 2, 1, 2]);
  });

  it('has the gradient of finite differences', () => {
    checkGradients({ inputs: { x: drawn([3, 1, 2]) }, build: ({ x }) => ({ y: broadcast(x!, [2, 3, 4, 2]) }) });
  });

  it('refuses a shape that x cannot be stretched to', () => {
    const x = new Recording('infer').feed('x', [2, 3]);
    expect(() => broadcast(x, [3]))
      .to.throw(RangeError, 'broadcast: [2, 3] cannot be stretched to [3]')
      .with.property('code', 'ERR_SHAPE');
  });
});

describe('sumTo', () => {
  it('sums over the axes along which the shape would be stretched', () => {
    const x = reals([2, 2, 3], [1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60]);
    const sums = evaluate({ x }, ({ x }) => ({
      row: sumTo(x!, [3]),
      column: sumTo(x!, [2, 1]),
      first: sumTo(x!, [2, 1, 3]),
      all: sumTo(x!, []),
    }));
    expect(sums).to.deep.equal({ row: [55, 77, 99], column: [66, 165], first: [5, 7, 9, 50, 70, 90], all: [231] });
  });

  it('has the gradient of finite differences', () => {
    for (const shape of [[], [4], [3, 1], [1, 4], [2, 1, 4]])
      checkGradients({ inputs: { x: drawn([2, 3, 4]) }, build: ({ x }) => ({ y: sumTo(x!, shape) }) });
  });
});
