import { byRank, type Direction, timeSteps, toCaller } from './carried.ts';
import { activeAt, layoutOf } from './layout.ts';
import type { Integers, Twin, View } from './twin.ts';

interface Inputs {
  readonly a: View;
  readonly b: View;
  readonly h?: View;
  readonly offsets: Integers;
  readonly order: Integers;
}

/** h = a⊙h₋ + b */
export const linearRecurrence: Twin<Inputs, { y: View; hN: View }, { direction: Direction }> = (
  inputs,
  { y, hN },
  { direction },
  run,
) => {
  const { a, b } = inputs;
  const [tokens, H] = a.shape as [number, number];
  const layout = layoutOf('linearRecurrence', inputs, tokens);
  const h = byRank(inputs.h, layout, run.reals(layout.batch * H));
  for (const t of timeSteps(layout, direction)) {
    run.poll();
    const first = layout.offsets[t]! * H;
    const count = activeAt(layout, t) * H;
    for (let k = 0; k < count; k++) h[k] = a.data[first + k]! * h[k]! + b.data[first + k]!;
    y.data.set(h.subarray(0, count), first);
  }
  toCaller(h, layout, hN);
};
