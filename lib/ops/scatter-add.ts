import { operation } from '../program/operation.ts';
import type { Tensor } from '../program/tensor.ts';
import { gather } from './gather.ts';

const op = operation<{ x: Tensor; ids: Tensor }, 'y', { rows: number; ignore: number }>('scatterAdd', {
  shape: ({ x }, { rows }) => ({ y: { shape: [rows, x.shape.at(-1)!] } }),
  gradient: ({ inputs: { ids }, gradients: { y: dy } }) => ({ x: gather(dy!, ids) }),
});

/** Adds rows into a table of zeros: x [..., E], ids int32 [...] → [rows, E]; repeated ids add up in row order. */
export function scatterAdd(x: Tensor, ids: Tensor, { rows, ignore = -1 }: { rows: number; ignore?: number }): Tensor {
  return op({ x, ids }, { rows, ignore }).y;
}
