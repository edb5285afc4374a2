import { expect } from 'chai';
import type { Backend } from '../../../lib/backend/backend.ts';
import { addon } from '../../../lib/backend/load.ts';
import { native } from '../../../lib/backend/native-backend.ts';
import { matmul } from '../../../lib/ops/matmul.ts';
import { record } from '../../../lib/program/recording.ts';

interface Case {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly kind: 'plain' | 'bias' | 'transposeA' | 'transposeB' | 'transposeB bias';
}

const kinds = ['plain', 'bias', 'transposeA', 'transposeB', 'transposeB bias'] as const;

// One row and one column, a tile and one more or less of every instruction set, whole and broken vectors, several blocks
// of columns and of depth, threads whose tiles are of different widths, nothing to sum and nothing to do.
const shapes = [
  [1, 1, 1],
  [1, 8, 33],
  [2, 3, 5],
  [6, 7, 16],
  [7, 64, 64],
  [8, 17, 65],
  [9, 1, 15],
  [15, 33, 17],
  [16, 100, 1],
  [29, 40, 130],
  [70, 31, 300],
  [40, 769, 70],
  [13, 1100, 19],
  [300, 20, 9],
  [61, 300, 272],
  [27, 770, 790],
  [5, 0, 3],
  [0, 4, 3],
  [3, 4, 0],
] as const;

const cases: readonly Case[] = shapes.flatMap(([m, k, n]) => kinds.map(kind => ({ m, k, n, kind })));

function describeCase({ m, k, n, kind }: Case): string {
  return `${m}×${k} · ${k}×${n}, ${kind}`;
}

describe('matrix products of the native backend', () => {
  if (!addon) return;
  for (const isa of addon.isas)
    it(`agree with a sum in float64 to within its rounding: ${isa}`, async () => {
      const backend = native({ isa, threads: 2 });
      for (const each of cases) {
        const y = product(backend, each);
        const { sum, bound } = reference(each);
        sum.forEach((value, i) => {
          if (!(Math.abs(y[i]! - value) <= bound[i]!))
            expect.fail(`${describeCase(each)}: element ${i} is ${y[i]}, expected ${value} ± ${bound[i]}`);
        });
        expect(y.length, describeCase(each)).to.equal(sum.length);
      }
      await backend.close();
    });

  it('have the same bits on 1, 2 and 3 threads and on every instruction set', async () => {
    const first = native({ threads: 1, isa: 'scalar' });
    const others = addon!.isas.flatMap(isa => [1, 2, 3].map(threads => native({ isa, threads })));
    for (const each of cases) {
      const expected = bits(product(first, each));
      for (const other of others)
        expect(bits(product(other, each)), `${describeCase(each)} on ${other.isa} × ${other.threads}`).to.equal(
          expected,
        );
    }
    await Promise.all([first, ...others].map(backend => backend.close()));
  });

  for (const isa of addon.isas)
    it(`round a product and its sum once, not to double in between: ${isa}`, async () => {
      const backend = native({ isa });
      const program = record(r => ({ y: matmul(r.feed('a', [1, 2]), r.feed('b', [2, 1])) }));
      const executable = backend.load(program, {});
      // a² or a·b lies midway between two floats, and what is added first, of 60 bits less, says which is the nearer.
      const [a, b] = [1 + 2 ** -12, 1 + 3 * 2 ** -12];
      const [even, odd] = [1 + 2 ** -11, 1 + 2 ** -10 + 2 ** -23];
      const little = 2 ** -60;
      for (const [addend, x, y, expected] of [
        [0, a, a, even],
        [little, a, a, even + 2 ** -23],
        [-little, a, a, even],
        [0, a, b, odd + 2 ** -23],
        [little, a, b, odd + 2 ** -23],
        [-little, a, b, odd],
        [-little, -a, a, -even - 2 ** -23],
        [little, -a, b, -odd],
        [Number.POSITIVE_INFINITY, a, b, Number.POSITIVE_INFINITY],
      ] as const) {
        const values = { a: Float32Array.of(addend, x), b: Float32Array.of(1, y) };
        const [rounded] = executable.runSync({ sizes: {}, values }).y!;
        expect(rounded, `${addend} + ${x}·${y}`).to.equal(expected);
      }
      await backend.close();
    });

  it('hand NaN and infinity on', async () => {
    const backend = native();
    const program = record(r => ({ y: matmul(r.feed('a', [2, 2]), r.feed('b', [2, 1])) }));
    const { y } = backend.load(program, {}).runSync({
      sizes: {},
      values: { a: new Float32Array([Number.NaN, 0, Number.POSITIVE_INFINITY, 1]), b: new Float32Array([1, 1]) },
    });
    expect([...y!]).to.deep.equal([Number.NaN, Number.POSITIVE_INFINITY]);
    await backend.close();
  });
});

/** Numbers of either sign and several magnitudes, the same on every call. */
function numbers(count: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state / 2 ** 31) * 2 ** (state & 3);
  });
}

function operands({ m, k, n }: Case): { a: Float32Array; b: Float32Array; bias: Float32Array } {
  return { a: numbers(m * k, 1), b: numbers(k * n, 2), bias: numbers(n, 3) };
}

function product(backend: Backend, each: Case): Float32Array {
  const { m, k, n, kind } = each;
  const transposeA = kind === 'transposeA';
  const transposeB = kind.startsWith('transposeB');
  const withBias = kind.endsWith('bias');
  const program = record(r => ({
    y: matmul(r.feed('a', transposeA ? [k, m] : [m, k]), r.feed('b', transposeB ? [n, k] : [k, n]), {
      transposeA,
      transposeB,
      bias: withBias ? r.feed('bias', [n]) : undefined,
    }),
  }));
  const { a, b, bias } = operands(each);
  const values = { a, b, ...(withBias ? { bias } : {}) };
  return backend.load(program, {}).runSync({ sizes: {}, values }).y as Float32Array;
}

/** The product and how far a chain of k + 1 rounded operations may be from it: (k + 1)·2⁻²⁴ of the sum of magnitudes. */
function reference(each: Case): { sum: Float64Array; bound: Float64Array } {
  const { m, k, n, kind } = each;
  const { a, b, bias } = operands(each);
  const sum = new Float64Array(m * n);
  const bound = new Float64Array(m * n);
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) {
      let total = kind.endsWith('bias') ? bias[j]! : 0;
      let magnitude = Math.abs(total);
      for (let l = 0; l < k; l++) {
        const term =
          (kind === 'transposeA' ? a[l * m + i]! : a[i * k + l]!) *
          (kind.startsWith('transposeB') ? b[j * k + l]! : b[l * n + j]!);
        total += term;
        magnitude += Math.abs(term);
      }
      sum[i * n + j] = total;
      bound[i * n + j] = (k + 1) * 2 ** -24 * magnitude;
    }
  return { sum, bound };
}

function bits(array: Float32Array): string {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('base64');
}
