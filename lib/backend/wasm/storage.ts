import type { DType } from '../../program/shape.ts';
import type { NumberArray, Storage } from '../backend.ts';
import { arrayOf } from '../feeds.ts';
import { sharedMemory } from '../shared-memory.ts';

// The memory of a module is its own: a storage lies outside, where every thread sees it, and a module has a copy. A line in front
// of the numbers tells which storage it is and how often it was written, so that whoever has a copy knows whether it is stale.

const line = 64;
const numberAt = 0;
const versionAt = 1;
let count = 0;

/** A zeroed storage that counts how often it is written. */
export function makeStorage(dtype: DType, elements: number): Storage {
  const type = arrayOf(dtype, 'float32');
  const array = new type(sharedMemory(line + elements * type.BYTES_PER_ELEMENT), line, elements);
  lineOf(array)[numberAt] = ++count;
  return { array, touch: () => wrote(array) };
}

/** Whether `makeStorage` made it. */
export function isStorage(array: NumberArray): boolean {
  return array.byteOffset === line && array.buffer.byteLength === line + array.byteLength;
}

/** The same for the same storage in all threads. */
export function numberOf(array: NumberArray): number {
  return lineOf(array)[numberAt]!;
}

export function versionOf(array: NumberArray): number {
  return Atomics.load(lineOf(array), versionAt);
}

/** Says that the numbers were written; the version that this makes. */
export function wrote(array: NumberArray): number {
  return (Atomics.add(lineOf(array), versionAt, 1) + 1) | 0;
}

function lineOf({ buffer }: NumberArray): Int32Array {
  return new Int32Array(buffer, 0, line / Int32Array.BYTES_PER_ELEMENT);
}
