import { byRank, type Direction, timeSteps, toCaller } from './carried.ts';
import { activeAt, layoutOf } from './layout.ts';
import type { Integers, Twin, View } from './twin.ts';

interface Inputs {
  readonly x: View;
  readonly before?: View;
  readonly offsets: Integers;
  readonly order: Integers;
}

/** y = what x was one step before, at first what was given */
export const delay: Twin<Inputs, { y: View; last: View }, { direction: Direction }> = (
  inputs,
  { y, last },
  { direction },
  run,
) => {
  const { data, shape } = inputs.x;
  const [tokens, columns] = shape as [number, number];
  const layout = layoutOf('delay', inputs, tokens);
  const previous = byRank(inputs.before, layout, run.reals(layout.batch * columns));
  for (const t of timeSteps(layout, direction)) {
    const first = layout.offsets[t]! * columns;
    const count = activeAt(layout, t) * columns;
    y.data.set(previous.subarray(0, count), first);
    previous.set(data.subarray(first, first + count));
  }
  toCaller(previous, layout, last);
};
