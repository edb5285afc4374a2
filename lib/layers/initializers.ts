import type { Random } from '../random/random.ts';

/** Uniform in [−limit, limit). */
export function uniform(count: number, limit: number, random: Random): Float64Array {
  return Float64Array.from({ length: count }, () => (2 * random.uniform() - 1) * limit);
}

/** Glorot & Bengio 2010: uniform with limit √(6/(rows + columns)), for a matrix [rows, columns]. Also called Xavier. */
export function glorotUniform(rows: number, columns: number, random: Random): Float64Array {
  return uniform(rows * columns, Math.sqrt(6 / (rows + columns)), random);
}

/**
 * A random matrix with orthonormal rows (or columns, where it has more rows), [rows, columns]. Saxe et al. 2014.
 * Modified Gram-Schmidt on normal vectors: O(rows²·columns).
 */
export function orthogonal(rows: number, columns: number, random: Random): Float64Array {
  if (rows > columns) return transpose(orthogonal(columns, rows, random), columns, rows);
  const matrix = Float64Array.from({ length: rows * columns }, () => random.normal());
  for (let row = 0; row < rows; row++) {
    const current = matrix.subarray(row * columns, (row + 1) * columns);
    for (let before = 0; before < row; before++) {
      const base = matrix.subarray(before * columns, (before + 1) * columns);
      let projection = 0;
      for (let k = 0; k < columns; k++) projection += current[k]! * base[k]!;
      for (let k = 0; k < columns; k++) current[k]! -= projection * base[k]!;
    }
    const norm = Math.sqrt(current.reduce((sum, value) => sum + value * value, 0));
    for (let k = 0; k < columns; k++) current[k]! /= norm;
  }
  return matrix;
}

function transpose(matrix: Float64Array, rows: number, columns: number): Float64Array {
  const result = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) result[column * rows + row] = matrix[row * columns + column]!;
  return result;
}
