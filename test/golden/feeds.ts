import type { Backend, NumberArray } from '../../lib/backend/backend.ts';
import { arrayOf } from '../../lib/backend/feeds.ts';

/** Values as an array of the backend's precision. */
export function real({ precision }: Backend, values: ArrayLike<number>): NumberArray {
  const array = new (arrayOf('real', precision))(values.length);
  array.set(values);
  return array;
}

export function integers(values: ArrayLike<number>): Int32Array {
  return Int32Array.from(values);
}
