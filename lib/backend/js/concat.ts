import type { NumberArray } from '../backend.ts';
import { blocksAlong } from './axis.ts';
import type { Twin, View } from './twin.ts';

type Any = View<NumberArray>;

/** Joins x0, x1, … along an axis. */
export const concat: Twin<Readonly<Record<string, Any>>, { y: Any }, { axis: number }> = (inputs, { y }, { axis }) => {
  const { count, length } = blocksAlong(y.shape, axis);
  let first = 0;
  for (const x of Object.values(inputs)) {
    const part = blocksAlong(x.shape, axis).length;
    for (let block = 0; block < count; block++)
      y.data.set(x.data.subarray(block * part, (block + 1) * part), block * length + first);
    first += part;
  }
};
