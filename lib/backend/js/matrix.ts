import type { RealArray } from '../backend.ts';
import type { Run, View } from './twin.ts';

/** A matrix in memory: row i lies contiguously from start + i·stride. */
export interface Matrix {
  readonly data: RealArray;
  readonly start: number;
  readonly stride: number;
  readonly rows: number;
  readonly columns: number;
}

/** Whole rows that lie one after another from `start`. */
export function matrix(data: RealArray, rows: number, columns: number, start = 0): Matrix {
  return { data, start, stride: columns, rows, columns };
}

/** A tensor as a matrix: the last axis gives the columns, all others the rows. */
export function asMatrix({ data, shape }: View): Matrix {
  const columns = shape.at(-1)!;
  return matrix(data, columns === 0 ? 0 : data.length / columns, columns);
}

/** The columns [first, first + columns) of a matrix. */
export function columnsOf(from: Matrix, first: number, columns: number): Matrix {
  return { ...from, start: from.start + first, columns };
}

/** The rows [first, first + rows) of a matrix. */
export function rowsOf(from: Matrix, first: number, rows: number): Matrix {
  return { ...from, start: from.start + first * from.stride, rows };
}

/**
 * y += a·bᵀ. a [M, K], b [N, K], y [M, N]; every sum runs over k in order, in float64, and is rounded once.
 * A tile of 2 × 4 sums keeps the processor's adders busy; at the edges it repeats the last row or column.
 */
export function addProduct(y: Matrix, a: Matrix, b: Matrix): void {
  const { rows: M, columns: K } = a;
  const N = b.rows;
  const ad = a.data;
  const bd = b.data;
  const yd = y.data;
  for (let j = 0; j < N; j += 4) {
    const j1 = Math.min(j + 1, N - 1);
    const j2 = Math.min(j + 2, N - 1);
    const j3 = Math.min(j + 3, N - 1);
    const q0 = b.start + j * b.stride;
    const q1 = b.start + j1 * b.stride;
    const q2 = b.start + j2 * b.stride;
    const q3 = b.start + j3 * b.stride;
    for (let i = 0; i < M; i += 2) {
      const i1 = Math.min(i + 1, M - 1);
      const p0 = a.start + i * a.stride;
      const p1 = a.start + i1 * a.stride;
      const o0 = y.start + i * y.stride;
      const o1 = y.start + i1 * y.stride;
      let s00 = yd[o0 + j]!;
      let s01 = yd[o0 + j1]!;
      let s02 = yd[o0 + j2]!;
      let s03 = yd[o0 + j3]!;
      let s10 = yd[o1 + j]!;
      let s11 = yd[o1 + j1]!;
      let s12 = yd[o1 + j2]!;
      let s13 = yd[o1 + j3]!;
      for (let k = 0; k < K; k++) {
        const a0 = ad[p0 + k]!;
        const a1 = ad[p1 + k]!;
        const b0 = bd[q0 + k]!;
        const b1 = bd[q1 + k]!;
        const b2 = bd[q2 + k]!;
        const b3 = bd[q3 + k]!;
        s00 += a0 * b0;
        s01 += a0 * b1;
        s02 += a0 * b2;
        s03 += a0 * b3;
        s10 += a1 * b0;
        s11 += a1 * b1;
        s12 += a1 * b2;
        s13 += a1 * b3;
      }
      yd[o0 + j] = s00;
      yd[o0 + j1] = s01;
      yd[o0 + j2] = s02;
      yd[o0 + j3] = s03;
      yd[o1 + j] = s10;
      yd[o1 + j1] = s11;
      yd[o1 + j2] = s12;
      yd[o1 + j3] = s13;
    }
  }
}

const rowsPerBlock = 256;

/** y += aᵀ·b. a [R, M], b [R, N], y [M, N]; blocks of rows are transposed so that the sums run over contiguous memory. */
export function addTransposedProduct(y: Matrix, a: Matrix, b: Matrix, run: Run): void {
  const aBlock = run.reals(a.columns * rowsPerBlock);
  const bBlock = run.reals(b.columns * rowsPerBlock);
  for (let first = 0; first < a.rows; first += rowsPerBlock) {
    const rows = Math.min(rowsPerBlock, a.rows - first);
    addProduct(y, transpose(rowsOf(a, first, rows), aBlock), transpose(rowsOf(b, first, rows), bBlock));
  }
}

/** Writes the transpose of a matrix into `into`. */
export function transpose(from: Matrix, into: RealArray): Matrix {
  const { data, start, stride, rows, columns } = from;
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) into[j * rows + i] = data[start + i * stride + j]!;
  return matrix(into, columns, rows);
}

/** y ← x, which may differ in how far its rows lie apart. */
export function copyRows(y: Matrix, x: Matrix): void {
  for (let i = 0; i < y.rows; i++) {
    const from = x.start + i * x.stride;
    const to = y.start + i * y.stride;
    for (let j = 0; j < y.columns; j++) y.data[to + j] = x.data[from + j]!;
  }
}

/** y [columns] += the sum of the rows of x. */
export function addColumnSums(y: Float64Array, { data, start, stride, rows, columns }: Matrix): void {
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) y[j]! += data[start + i * stride + j]!;
}
