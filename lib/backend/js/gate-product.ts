import { columnsOf, copyRows, type Matrix, matrix } from './matrix.ts';
import type { View } from './twin.ts';

/** x·W or h₋·R of a cell: the weight [K, G·H], a mask on the left operand, and the products that it takes. */
export interface GateProduct {
  readonly weight: Matrix;
  readonly mask: View | undefined;
  readonly groups: readonly Group[];
}

/** Neighbouring gates that read the same left operand: all of them, or each on its own where every gate has its mask. */
export interface Group {
  /** Where its columns start in the weight, in the pre-activations and in the mask, and how many there are. */
  readonly weightColumn: number;
  readonly column: number;
  readonly maskColumn: number;
  readonly columns: number;
  /** The left operand is r⊙h₋. */
  readonly reset: boolean;
}

/** @param blocks the block of H columns of the pre-activations that each gate goes to */
export function gateProduct(
  weight: View,
  mask: View | undefined,
  blocks: readonly number[],
  resetsLast: boolean,
): GateProduct {
  const [K, columns] = weight.shape as [number, number];
  const H = columns / blocks.length;
  const perGate = mask !== undefined && mask.shape[1] !== K;
  const groups: { -readonly [Key in keyof Group]: Group[Key] }[] = [];
  blocks.forEach((block, gate) => {
    const reset = resetsLast && gate === blocks.length - 1;
    const before = groups.at(-1);
    if (before && !perGate && !reset && before.column + before.columns === block * H) before.columns += H;
    else
      groups.push({
        weightColumn: gate * H,
        column: block * H,
        maskColumn: perGate ? gate * K : 0,
        columns: H,
        reset,
      });
  });
  return { weight: matrix(weight.data, K, columns), mask, groups };
}

/** Its columns of pre-activations. */
export function columnsOfGroup(preActivations: Matrix, { column, columns }: Group): Matrix {
  return columnsOf(preActivations, column, columns);
}

/** into ← the rows of one step times their sequences' masks; a copy where there is no mask. */
export function masked(
  into: Matrix,
  rows: Matrix,
  { mask }: GateProduct,
  { maskColumn }: Group,
  order: Int32Array,
): Matrix {
  copyRows(into, rows);
  if (mask) multiplyByMask(into, mask, maskColumn, order);
  return into;
}

/** dy ← dy + d times the masks: what flows back through `masked`. d is overwritten. */
export function addMasked(
  dy: Matrix,
  d: Matrix,
  { mask }: GateProduct,
  { maskColumn }: Group,
  order: Int32Array,
): void {
  if (mask) multiplyByMask(d, mask, maskColumn, order);
  for (let i = 0; i < d.rows; i++) {
    const from = d.start + i * d.stride;
    const to = dy.start + i * dy.stride;
    for (let j = 0; j < d.columns; j++) dy.data[to + j]! += d.data[from + j]!;
  }
}

function multiplyByMask(y: Matrix, mask: View, maskColumn: number, order: Int32Array): void {
  for (let rank = 0; rank < y.rows; rank++) {
    const p = y.start + rank * y.stride;
    const m = order[rank]! * mask.shape[1]! + maskColumn;
    for (let j = 0; j < y.columns; j++) y.data[p + j]! *= mask.data[m + j]!;
  }
}
