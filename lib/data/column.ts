import { rangeError, typeError } from '../errors.ts';
import type { RealArray } from './ragged.ts';

/** One vector per row: [rows, size], row-major. */
export interface Fixed<A extends Int32Array | RealArray = Int32Array | RealArray> {
  readonly size: number;
  readonly values: A;
}

/** One sequence of vectors per row: [length, size] each, row-major. */
export interface Ragged<A extends Int32Array | RealArray = Int32Array | RealArray> {
  readonly size: number;
  readonly rows: readonly A[];
}

/** The rows of these numbers, in this order. */
export function selectFixed<A extends Int32Array | RealArray>({ size, values }: Fixed<A>, rows: Int32Array): Fixed<A> {
  const selected = new (values.constructor as new (length: number) => A)(rows.length * size);
  for (let row = 0, to = 0; row < rows.length; row++)
    for (let from = rows[row]! * size, end = from + size; from < end; from++, to++) selected[to] = values[from]!;
  return { size, values: selected };
}

/** The rows of these numbers, in this order; they are shared, not copied. */
export function selectRagged<A extends Int32Array | RealArray>({ size, rows }: Ragged<A>, of: Int32Array): Ragged<A> {
  return { size, rows: Array.from(of, row => rows[row]!) };
}

/** Whole numbers that int32 holds. An Int32Array is kept, not copied. */
export function readWholeNumbers(values: ArrayLike<number>, name: string): Int32Array {
  if (values instanceof Int32Array) return values;
  expectArray(values, name);
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    if (!Number.isInteger(value) || (value | 0) !== value)
      throw rangeError('ERR_DATA', `dataset: ${name}[${at}] must be a whole number, got ${show(value)}`);
  }
  return Int32Array.from(values);
}

/** Numbers, or vectors of one width, side by side. Plain numbers become Float64Array; Float32Array and Float64Array are kept. */
export function readRealNumbers(
  values: ArrayLike<number> | readonly ArrayLike<number>[],
  name: string,
): { values: RealArray; width: number } {
  if (values instanceof Float32Array || values instanceof Float64Array) return { values, width: 1 };
  expectArray(values, name);
  if (values.length === 0 || typeof values[0] === 'number') {
    const numbers = values as ArrayLike<number>;
    for (let at = 0; at < numbers.length; at++)
      if (typeof numbers[at] !== 'number')
        throw typeError('ERR_DATA', `dataset: ${name}[${at}] must be a number, got ${show(numbers[at])}`);
    return { values: Float64Array.from(numbers), width: 1 };
  }
  const vectors = Array.from(values as readonly ArrayLike<number>[], (vector, at) => {
    const { values, width } = readRealNumbers(vector, `${name}[${at}]`);
    if (width !== 1) throw typeError('ERR_DATA', `dataset: ${name}[${at}] is nested too deep`);
    return values;
  });
  const width = vectors[0]!.length;
  vectors.forEach((vector, at) => {
    if (vector.length !== width || width === 0)
      throw rangeError('ERR_DATA', `dataset: ${name}[${at}] has ${vector.length} numbers, expected ${width || 'some'}`);
  });
  const single = vectors.every(vector => vector instanceof Float32Array);
  const flat = new (single ? Float32Array : Float64Array)(vectors.length * width);
  vectors.forEach((vector, at) => {
    flat.set(vector, at * width);
  });
  return { values: flat, width };
}

/** @throws ERR_DATA for what is not an array */
export function expectArray(value: unknown, name: string): void {
  if (!Array.isArray(value) && !ArrayBuffer.isView(value))
    throw typeError('ERR_DATA', `dataset: ${name} must be an array, got ${show(value)}`);
}

function show(value: unknown): string {
  return typeof value === 'object' && value !== null ? `an object` : (JSON.stringify(value) ?? 'undefined');
}
