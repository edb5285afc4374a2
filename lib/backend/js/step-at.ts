import { activeAt, type Layout, layoutOf, lengthsOf } from './layout.ts';
import type { Integers, Twin, View } from './twin.ts';

interface Sequence {
  readonly offsets: Integers;
  readonly order: Integers;
}

/** Row `index` of every sequence, negative ones from its own end; 0 where there is none. */
export const stepAt: Twin<Sequence & { x: View }, { y: View }, { index: number }> = (inputs, { y }, { index }) => {
  const { data, shape } = inputs.x;
  const [tokens, columns] = shape as [number, number];
  y.data.fill(0);
  eachRow(layoutOf('stepAt', inputs, tokens), index, (row, place) => {
    y.data.set(data.subarray(row * columns, (row + 1) * columns), place * columns);
  });
};

/** dx = dy in the rows that were taken, else 0. */
export const stepAtGradient: Twin<Sequence & { dy: View }, { x: View }, { index: number }> = (
  inputs,
  { x },
  { index },
) => {
  const [tokens, columns] = x.shape as [number, number];
  x.data.fill(0);
  eachRow(layoutOf('stepAtGradient', inputs, tokens), index, (row, place) => {
    x.data.set(inputs.dy.data.subarray(place * columns, (place + 1) * columns), row * columns);
  });
};

function eachRow(layout: Layout, index: number, visit: (row: number, place: number) => void): void {
  const lengths = lengthsOf(layout);
  for (let rank = 0; rank < layout.batch; rank++) {
    const t = index < 0 ? lengths[rank]! + index : index;
    if (t >= 0 && t < layout.steps && rank < activeAt(layout, t)) visit(layout.offsets[t]! + rank, layout.order[rank]!);
  }
}
