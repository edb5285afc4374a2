import { expect } from 'chai';
import { js } from '../../lib/backend/js-backend.ts';
import { matmul } from '../../lib/ops/matmul.ts';
import { Recording, record } from '../../lib/program/recording.ts';
import { elementCount } from '../../lib/program/shape.ts';
import { checkGradients } from './check-gradients.ts';
import { drawn } from './drawn.ts';
import { evaluate, reals } from './evaluate.ts';

const sizes = [1, 2, 3, 4, 5, 8, 9];

/** Σₖ a[i,k]·b[k,j] with the index arithmetic handed in. */
function product(
  M: number,
  K: number,
  N: number,
  a: (i: number, k: number) => number,
  b: (k: number, j: number) => number,
) {
  return Array.from({ length: M * N }, (_, at) => {
    let sum = 0;
    for (let k = 0; k < K; k++) sum += a(Math.floor(at / N), k) * b(k, at % N);
    return sum;
  });
}

function expectClose(found: readonly number[], expected: readonly number[], tolerance = 1e-13) {
  expect(found).to.have.length(expected.length);
  expected.forEach((value, k) => {
    expect(found[k]).to.be.closeTo(value, tolerance);
  });
}

describe('matmul', () => {
  for (const M of sizes)
    it(`multiplies ${M} rows by matrices of all sizes, plain and transposed`, () => {
      for (const K of sizes)
        for (const N of sizes) {
          const [a, b, bias] = [drawn([M, K]), drawn([K, N]), drawn([N])];
          const at = (i: number, k: number) => a.values[i * K + k]!;
          const { y } = evaluate({ a, b, bias }, ({ a, b, bias }) => ({ y: matmul(a!, b!, { bias }) }));
          const plain = product(M, K, N, at, (k, j) => b.values[k * N + j]!);
          expectClose(
            y!,
            plain.map((value, k) => value + bias.values[k % N]!),
          );

          const { t } = evaluate({ a, b: reals([N, K], b.values) }, ({ a, b }) => ({
            t: matmul(a!, b!, { transposeB: true }),
          }));
          expectClose(
            t!,
            product(M, K, N, at, (k, j) => b.values[j * K + k]!),
          );

          const { s } = evaluate({ a: reals([K, M], a.values), b }, ({ a, b }) => ({
            s: matmul(a!, b!, { transposeA: true }),
          }));
          expectClose(
            s!,
            product(
              M,
              K,
              N,
              (i, k) => a.values[k * M + i]!,
              (k, j) => b.values[k * N + j]!,
            ),
          );
        }
    });

  it('sums over more rows than fit one block when a is transposed', () => {
    const [R, M, N] = [600, 3, 5];
    const [a, b] = [drawn([R, M]), drawn([R, N])];
    const { y } = evaluate({ a, b }, ({ a, b }) => ({ y: matmul(a!, b!, { transposeA: true }) }));
    expectClose(
      y!,
      product(
        M,
        R,
        N,
        (i, k) => a.values[k * M + i]!,
        (k, j) => b.values[k * N + j]!,
      ),
      1e-11,
    );
  });

  it('treats leading axes as rows, also a vector and no rows at all', () => {
    const b = reals([2, 1], [1, 10]);
    const { cube, vector } = evaluate(
      { a: reals([2, 1, 2], [1, 2, 3, 4]), v: reals([2], [5, 6]), b },
      ({ a, v, b }) => ({ cube: matmul(a!, b!), vector: matmul(v!, b!) }),
    );
    expect({ cube, vector }).to.deep.equal({ cube: [21, 43], vector: [65] });
    const none = evaluate({ a: reals(['rows', 2], []), b }, ({ a, b }) => ({ y: matmul(a!, b!) }), {
      sizes: { rows: 0 },
    });
    expect(none.y).to.deep.equal([]);
  });

  it('rounds a float32 sum once, not once per term', () => {
    const K = 1000;
    const program = record(recording => ({
      y: matmul(recording.feed('a', [1, K]), recording.feed('b', [K, 1]), {}),
    }));
    const a = Float32Array.from(drawn([K], [0, 1]).values);
    const b = Float32Array.from(drawn([K, 1], [0, 1]).values);
    const { y } = js().load(program, {}).runSync({ sizes: {}, values: { a, b } });
    expect(y![0]).to.equal(Math.fround(a.reduce((sum, value, k) => sum + value * b[k]!, 0)));
  });

  const options = [{}, { transposeB: true }, { transposeA: true }];
  for (const option of options)
    it(`has the gradients of finite differences with ${JSON.stringify(option)}`, () => {
      for (const [M, K, N] of [
        [1, 1, 1],
        [2, 3, 4],
        [5, 7, 3],
        [3, 2, 9],
      ] as const) {
        const a = drawn(option.transposeA ? [K, M] : [M, K]);
        const b = drawn(option.transposeB ? [N, K] : [K, N], [-1, 1], 9);
        checkGradients({ inputs: { a, b }, build: ({ a, b }) => ({ y: matmul(a!, b!, option) }) });
        if (!option.transposeA)
          checkGradients({
            inputs: { a, b, bias: drawn([N]) },
            build: ({ a, b, bias }) => ({ y: matmul(a!, b!, { ...option, bias }) }),
          });
      }
    });

  it('has the gradients of finite differences over leading axes and for a matrix by itself', () => {
    for (const shape of [[2, 3, 4], [4]])
      checkGradients({
        inputs: { a: drawn(shape), b: drawn([4, 2]), bias: drawn([2]) },
        build: ({ a, b, bias }) => ({ y: matmul(a!, b!, { bias }) }),
      });
    checkGradients({ inputs: { a: drawn([3, 3]) }, build: ({ a }) => ({ y: matmul(a!, a!, { bias: undefined }) }) });
    expect(elementCount([3, 3])).to.equal(9);
  });

  it('refuses matrices that do not fit, naming their shapes', () => {
    const recording = new Recording('infer');
    const feed = (name: string, shape: (number | string)[]) => recording.feed(name, shape);
    const [a, b] = [feed('a', ['rows', 3]), feed('b', [4, 5])];
    expect(() => matmul(a, b))
      .to.throw(RangeError, 'matmul: a [rows, 3] · b [4, 5]: the last axis of a has 3, b expects 4')
      .with.property('code', 'ERR_SHAPE');
    const wrong = [
      () => matmul(a, feed('v', [3])),
      () => matmul(a, feed('cube', [3, 2, 2])),
      () => matmul(a, feed('b3', [3, 5]), { bias: feed('bias', [4]) }),
      () => matmul(a, feed('other', ['columns', 5]), { transposeA: true }),
      () => matmul(a, feed('same', ['rows', 5]), { transposeA: true, transposeB: true }),
      () => matmul(a, feed('same', ['rows', 5]), { transposeA: true, bias: feed('bias5', [5]) }),
    ];
    for (const call of wrong)
      expect(call)
        .to.throw(RangeError, /^matmul: a \[/)
        .with.property('code', 'ERR_SHAPE');
  });
});
