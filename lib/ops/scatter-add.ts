import { operation } from '../program/operation.ts';
import type { Dimension } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';
import { gather } from './gather.ts';
import { pad } from './pad.ts';
import { slice } from './slice.ts';
import { subtract } from './subtract.ts';

const op = operation<{ x: Tensor; ids: Tensor }, 'y', { rows: Dimension; ignore: number }>('scatterAdd', {
  shape: ({ x }, { rows }) => ({ y: { shape: [rows, x.shape.at(-1)!] } }),
  gradient: ({ inputs: { ids }, gradients: { y: dy }, attributes: { rows, ignore } }) => ({
    x: gather(withoutRow(dy!, ignore, rows), ids),
  }),
});

/** x with zeros in one row, where it has such a row. */
function withoutRow(x: Tensor, row: number, rows: Dimension): Tensor {
  if (row < 0 || (typeof rows === 'number' && row >= rows)) return x;
  const only = slice(x, { axis: 0, start: row, stop: row + 1 });
  return subtract(x, pad(only, { axis: 0, before: row, after: (rows as number) - row - 1 }));
}

/**
 * Adds rows into a table of zeros: x [..., E], ids int32 [...] → [rows, E]; repeated ids add up in row order, rows with the
 * id −1 or `ignore` are left out. Any other id outside 0…rows−1 fails the run with ERR_INDEX.
 */
export function scatterAdd(
  x: Tensor,
  ids: Tensor,
  { rows, ignore = -1 }: { rows: Dimension; ignore?: number },
): Tensor {
  return op({ x, ids }, { rows, ignore }).y;
}
