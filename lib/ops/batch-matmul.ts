import { rangeError } from '../errors.ts';
import { operation } from '../program/operation.ts';
import { describeShape, sameShape } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';

interface Transposes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

const op = operation<{ a: Tensor; b: Tensor }, 'y', Transposes>('batchMatmul', {
  shape: ({ a, b }, { transposeA, transposeB }) => {
    const fail = (why: string) =>
      rangeError(
        'ERR_SHAPE',
        `batchMatmul: a ${describeShape(a.shape)}${transposeA ? 'ᵀ' : ''} · b ${describeShape(b.shape)}${transposeB ? 'ᵀ' : ''}: ${why}`,
      );
    if (a.shape.length < 2 || a.shape.length !== b.shape.length) throw fail('expected matrices, equally many axes');
    const batch = a.shape.slice(0, -2);
    if (!sameShape(batch, b.shape.slice(0, -2))) throw fail('the leading axes do not match');
    const [m, k] = transposeA ? [a.shape.at(-1)!, a.shape.at(-2)!] : [a.shape.at(-2)!, a.shape.at(-1)!];
    const [depth, n] = transposeB ? [b.shape.at(-1)!, b.shape.at(-2)!] : [b.shape.at(-2)!, b.shape.at(-1)!];
    if (depth !== k) throw fail(`a has ${k} columns, b ${depth} rows`);
    return { y: { shape: [...batch, m, n] } };
  },
  gradient: ({ inputs: { a, b }, gradients: { y }, attributes: { transposeA, transposeB }, wants }) => {
    const dy = y!;
    return {
      a: !wants('a')
        ? undefined
        : transposeA
          ? batchMatmul(b, dy, { transposeA: transposeB, transposeB: true })
          : batchMatmul(dy, b, { transposeB: !transposeB }),
      b: !wants('b')
        ? undefined
        : transposeB
          ? batchMatmul(dy, a, { transposeA: true, transposeB: transposeA })
          : batchMatmul(a, dy, { transposeA: !transposeA }),
    };
  },
});

/**
 * A product for each index of the leading axes: a [..., M, K], b [..., K, N] → y [..., M, N].
 * `transposeA`: a is [..., K, M]. `transposeB`: b is [..., N, K].
 */
export function batchMatmul(
  a: Tensor,
  b: Tensor,
  { transposeA = false, transposeB = false }: Partial<Transposes> = {},
): Tensor {
  return op({ a, b }, { transposeA, transposeB }).y;
}
