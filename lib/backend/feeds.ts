import { rangeError, typeError } from '../errors.ts';
import type { ProgramData } from '../program/program.ts';
import { type DType, describeShape, elementCount, resolveShape } from '../program/shape.ts';
import type { Backend, Feeds, NumberArray, Results } from './backend.ts';
import { isSharedMemory } from './shared-memory.ts';

/** Checks feeds against a program, in words that name the feed. The backends check again before they touch memory. */
export function checkFeeds(program: ProgramData, { sizes, values }: Feeds, precision: Backend['precision']): void {
  for (const name of program.sizes) {
    const size = sizes[name];
    if (size === undefined) throw rangeError('ERR_FEED', `run: the size ${name} is missing`);
    if (!Number.isInteger(size) || size < 0)
      throw rangeError('ERR_FEED', `run: the size ${name} must be a whole number of at least 0, got ${size}`);
  }
  for (const { name, role, dtype, shape } of program.buffers) {
    if (role !== 'feed') continue;
    const value = values[name];
    if (value === undefined) throw rangeError('ERR_FEED', `run: the feed ${name} is missing`);
    const array = arrayOf(dtype, precision);
    if (!(value instanceof array))
      throw typeError('ERR_FEED', `run: the feed ${name} must be a ${array.name}, got ${kindOf(value)}`);
    const extents = resolveShape(shape, sizes);
    if (value.length !== elementCount(extents))
      throw rangeError(
        'ERR_FEED',
        `run: the feed ${name} has ${value.length} elements, expected ${describeShape(extents)} = ${elementCount(extents)}`,
      );
  }
}

/** Checks what `bind` is given, the feeds' sizes and types apart: results that fit, and memory that stays. */
export function checkBound(
  program: ProgramData,
  { sizes, values }: Feeds,
  results: Results,
  precision: Backend['precision'],
): void {
  const expectShared = (name: string, array: NumberArray) => {
    if (!isSharedMemory(array.buffer))
      throw typeError('ERR_ARGUMENT', `bind: ${name} must lie over a SharedArrayBuffer, as backend.allocate makes it`);
  };
  for (const { name, role, dtype, shape } of program.buffers) {
    if (role === 'feed') expectShared(name, values[name]!);
    if (role !== 'result') continue;
    const array = results[name];
    const expected = elementCount(resolveShape(shape, sizes));
    const type = arrayOf(dtype, precision);
    if (!(array instanceof type) || array.length !== expected)
      throw rangeError(
        'ERR_ARGUMENT',
        `bind: the result ${name} must be a ${type.name} of ${expected}, got ${array ? `${array.constructor.name} of ${array.length}` : kindOf(array)}`,
      );
    expectShared(name, array);
  }
}

interface NumberArrayConstructor {
  new (elements: number): NumberArray;
  new (buffer: ArrayBufferLike, byteOffset?: number, elements?: number): NumberArray;
  readonly BYTES_PER_ELEMENT: number;
}

/** The typed array that holds a dtype at a precision. */
export function arrayOf(dtype: DType, precision: Backend['precision']): NumberArrayConstructor {
  if (dtype === 'int32') return Int32Array;
  return precision === 'float64' ? Float64Array : Float32Array;
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : typeof value === 'object' ? (value.constructor?.name ?? 'object') : typeof value;
}
