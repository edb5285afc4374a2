import { elementCount } from '../../program/shape.ts';
import type { NumberArray } from '../backend.ts';
import { type Layout, layoutOf, lengthsOf } from './layout.ts';
import type { Integers, Twin, View } from './twin.ts';

interface Sequence {
  readonly offsets: Integers;
  readonly order: Integers;
  readonly x: View<NumberArray>;
}

/** Step t of a sequence stands at t in its row of the block; past the length there is 0. */
export const padSteps: Twin<Sequence, { y: View<NumberArray>; lengths: Integers }, object> = (
  inputs,
  { y, lengths },
) => {
  const { data, shape } = inputs.x;
  const columns = elementCount(shape.slice(1));
  const layout = layoutOf('padSteps', inputs, shape[0]!);
  y.data.fill(0);
  eachStep(layout, (row, place) => {
    y.data.set(data.subarray(row * columns, (row + 1) * columns), place * columns);
  });
  lengthsOf(layout).forEach((length, rank) => {
    lengths.data[layout.order[rank]!] = length;
  });
};

/** The way back: what lies past the length is left out. */
export const packSteps: Twin<Sequence, { y: View<NumberArray> }, object> = (inputs, { y }) => {
  const columns = elementCount(y.shape.slice(1));
  eachStep(layoutOf('packSteps', inputs, y.shape[0]!), (row, place) => {
    y.data.set(inputs.x.data.subarray(place * columns, (place + 1) * columns), row * columns);
  });
};

/** Visits every step of every sequence: its packed row, and its row of the block. */
function eachStep(layout: Layout, visit: (row: number, place: number) => void): void {
  lengthsOf(layout).forEach((length, rank) => {
    for (let t = 0; t < length; t++) visit(layout.offsets[t]! + rank, layout.order[rank]! * layout.steps + t);
  });
}
