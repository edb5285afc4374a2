import type { Dimension } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';
import { gather } from './gather.ts';
import { scatterAdd } from './scatter-add.ts';

/**
 * Rows put elsewhere: x [..., F], from and to int32 [n] → [rows, F], whose row to[i] is row from[i] of x; rows that nothing goes to
 * are 0, and what goes to the same row is added up. An index outside fails the run with ERR_INDEX.
 */
export function moveRows(x: Tensor, { from, to, rows }: { from: Tensor; to: Tensor; rows: Dimension }): Tensor {
  return scatterAdd(gather(x, from), to, { rows });
}
