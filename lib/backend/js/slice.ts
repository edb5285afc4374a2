import type { NumberArray } from '../backend.ts';
import { blocksAlong } from './axis.ts';
import type { Twin, View } from './twin.ts';

type Any = View<NumberArray>;

/** Elements [start, stop) of an axis. */
export const slice: Twin<{ x: Any }, { y: Any }, { axis: number; start: number; stop: number }> = (
  { x },
  { y },
  { axis, start, stop },
) => {
  const { count, length, inner } = blocksAlong(x.shape, axis);
  const part = (stop - start) * inner;
  for (let block = 0; block < count; block++) {
    const first = block * length + start * inner;
    y.data.set(x.data.subarray(first, first + part), block * part);
  }
};
