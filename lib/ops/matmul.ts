import { rangeError } from '../errors.ts';
import { operation } from '../program/operation.ts';
import { type Dimension, describeShape, sameShape } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';
import { sumTo } from './sum-to.ts';

interface Transposes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

const op = operation<{ a: Tensor; b: Tensor; bias?: Tensor | undefined }, 'y', Transposes>('matmul', {
  shape: ({ a, b, bias }, { transposeA, transposeB }) => {
    const fail = (why: string) =>
      rangeError(
        'ERR_SHAPE',
        `matmul: a ${describeShape(a.shape)}${transposeA ? 'ᵀ' : ''} · b ${describeShape(b.shape)}${transposeB ? 'ᵀ' : ''}: ${why}`,
      );
    if (a.shape.length < 1 || b.shape.length < (transposeA ? 1 : 2)) throw fail('expected matrices');
    if (transposeA) {
      if (transposeB || bias) throw fail('transposeA goes with neither transposeB nor a bias');
      if (!sameShape(a.shape.slice(0, -1), b.shape.slice(0, -1))) throw fail('the rows do not match');
      return { y: { shape: [a.shape.at(-1)!, b.shape.at(-1)!] } };
    }
    const [k, n] = (transposeB ? [b.shape[1]!, b.shape[0]!] : [b.shape[0]!, b.shape[1]!]) as [Dimension, Dimension];
    if (b.shape.length !== 2) throw fail('b must have two axes');
    if (a.shape.at(-1) !== k) throw fail(`the last axis of a has ${a.shape.at(-1)}, b expects ${k}`);
    if (bias && !sameShape(bias.shape, [n])) throw fail(`bias has shape ${describeShape(bias.shape)}, expected [${n}]`);
    return { y: { shape: [...a.shape.slice(0, -1), n] } };
  },
  gradient: ({ inputs: { a, b, bias }, gradients: { y }, attributes: { transposeA, transposeB }, wants }) => {
    const dy = y!;
    return {
      a: !wants('a')
        ? undefined
        : transposeA
          ? matmul(b, dy, { transposeB: true })
          : matmul(dy, b, { transposeB: !transposeB }),
      b: !wants('b')
        ? undefined
        : transposeA
          ? matmul(a, dy)
          : transposeB
            ? matmul(dy, a, { transposeA: true })
            : matmul(a, dy, { transposeA: true }),
      bias: bias && wants('bias') ? sumTo(dy, bias.shape) : undefined,
    };
  },
});

/**
 * y = a·b + bias. a [..., K], b [K, N], bias [N] → y [..., N].
 * `transposeB`: b is [N, K]. `transposeA`: a [..., M], b [..., N] → y [M, N], summed over the leading axes; it goes with neither
 * `transposeB` nor a bias.
 */
export function matmul(
  a: Tensor,
  b: Tensor,
  { bias, transposeA = false, transposeB = false }: { bias?: Tensor | undefined } & Partial<Transposes> = {},
): Tensor {
  return op({ a, b, bias }, { transposeA, transposeB }).y;
}
