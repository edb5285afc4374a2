import { elementCount } from '../../program/shape.ts';
import type { NumberArray } from '../backend.ts';
import { activeAt, type Layout } from './layout.ts';
import { asMatrix, copyRows, type Matrix, rowsOf } from './matrix.ts';
import type { View } from './twin.ts';

// States that sequences carry from step to step: [batch, ...] by rank inside an operation, in the caller's order outside.

export type Direction = 'forward' | 'backward';

/** The steps in the order in which a cell visits them. */
export function timeSteps({ steps }: Layout, direction: Direction): number[] {
  return Array.from({ length: steps }, (_, index) => (direction === 'forward' ? index : steps - 1 - index));
}

/** Brings states from the caller's order into that of the ranks; zeros where none are given. */
export function byRank<D extends NumberArray>(states: View<NumberArray> | undefined, { order }: Layout, into: D): D {
  if (!states) return into;
  const width = elementCount(states.shape.slice(1));
  for (let rank = 0; rank < order.length; rank++)
    into.set(states.data.subarray(order[rank]! * width, (order[rank]! + 1) * width), rank * width);
  return into;
}

/** The way back. */
export function toCaller(states: NumberArray, { order }: Layout, { data, shape }: View<NumberArray>): void {
  const width = elementCount(shape.slice(1));
  for (let rank = 0; rank < order.length; rank++)
    data.set(states.subarray(rank * width, (rank + 1) * width), order[rank]! * width);
}

/** The rows of one step. */
export function stepRows(view: View, layout: Layout, t: number): Matrix {
  return rowsOf(asMatrix(view), layout.offsets[t]!, activeAt(layout, t));
}

/** y ← each sequence's state one step before t, which is its initial state where t is its first step. */
export function copyPrevious(
  y: Matrix,
  states: View,
  initial: Matrix,
  layout: Layout,
  t: number,
  direction: Direction,
): void {
  const before = direction === 'forward' ? t - 1 : t + 1;
  const carried = before >= 0 && before < layout.steps ? Math.min(y.rows, activeAt(layout, before)) : 0;
  if (carried > 0) copyRows(rowsOf(y, 0, carried), stepRows(states, layout, before));
  copyRows(rowsOf(y, carried, y.rows - carried), rowsOf(initial, carried, y.rows - carried));
}
