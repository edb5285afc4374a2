import { rangeError } from '../errors.ts';
import type { Random } from '../random/random.ts';

type Draw = (rows: number, columns: number, random: Random) => Float64Array;

/** The range or deviation of 'uniform' and 'normal', as in Keras. */
const spread = 0.05;

/** How a matrix [rows, columns], which makes columns features of rows, may start, by the name options use. */
const initializers = {
  zeros: (rows, columns) => new Float64Array(rows * columns),
  ones: (rows, columns) => new Float64Array(rows * columns).fill(1),
  /** Of each gate, where the matrix is that of several. Le et al. 2015. */
  identity: (rows, columns) =>
    Float64Array.from({ length: rows * columns }, (_, k) => ((k % columns) % rows === Math.floor(k / columns) ? 1 : 0)),
  uniform: (rows, columns, random) => uniform(rows * columns, spread, random),
  normal: (rows, columns, random) => normal(rows * columns, spread, random),
  glorotUniform,
  glorotNormal: (rows, columns, random) => normal(rows * columns, Math.sqrt(2 / (rows + columns)), random),
  /** He et al. 2015. */
  heUniform: (rows, columns, random) => uniform(rows * columns, Math.sqrt(6 / rows), random),
  heNormal: (rows, columns, random) => normal(rows * columns, Math.sqrt(2 / rows), random),
  /** LeCun et al. 1998. */
  lecunUniform: (rows, columns, random) => uniform(rows * columns, Math.sqrt(3 / rows), random),
  lecunNormal: (rows, columns, random) => normal(rows * columns, Math.sqrt(1 / rows), random),
  orthogonal,
} as const satisfies Readonly<Record<string, Draw>>;

/** What DLPy calls them. */
const aliases = {
  XAVIER: 'glorotUniform',
  MSRA: 'heNormal',
  UNIFORM: 'uniform',
  NORMAL: 'normal',
} as const satisfies Readonly<Record<string, keyof typeof initializers>>;

export type Initializer = keyof typeof initializers | keyof typeof aliases;

/** The function that draws by this name. */
export function initializer(name: Initializer): Draw {
  return initializers[
    Object.hasOwn(aliases, name) ? aliases[name as keyof typeof aliases] : (name as keyof typeof initializers)
  ];
}

/** @throws ERR_ARGUMENT unless each is the name of an initializer, or absent */
export function checkInitializers(layer: string, given: Readonly<Record<string, unknown>>): void {
  const known = [...Object.keys(initializers), ...Object.keys(aliases)];
  for (const [option, name] of Object.entries(given))
    if (name !== undefined && !known.includes(name as string))
      throw rangeError('ERR_ARGUMENT', `${layer}: ${option} must be one of ${known.join(', ')}, got ${String(name)}`);
}

/** Uniform in [−limit, limit). */
export function uniform(count: number, limit: number, random: Random): Float64Array {
  return Float64Array.from({ length: count }, () => (2 * random.uniform() - 1) * limit);
}

/** Normal with mean 0. */
function normal(count: number, deviation: number, random: Random): Float64Array {
  return Float64Array.from({ length: count }, () => deviation * random.normal());
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
