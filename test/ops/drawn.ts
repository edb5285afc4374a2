import { elementCount } from '../../lib/program/shape.ts';
import { Numbers } from '../backend/conformance/numbers.ts';
import { type Given, reals } from './evaluate.ts';

/** A real feed of fixed shape with values drawn evenly from [low, high]. */
export function drawn(shape: readonly number[], [low, high]: readonly [number, number] = [-1, 1], seed = 5): Given {
  const numbers = new Numbers(seed + 7919 * shape.length + elementCount(shape));
  const values = Array.from({ length: elementCount(shape) }, () => low + (high - low) * numbers.next());
  return reals(shape, values);
}
