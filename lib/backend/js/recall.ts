import type { RealArray } from '../backend.ts';
import { copyPrevious, type Direction, stepRows, timeSteps } from './carried.ts';
import type { Layout } from './layout.ts';
import { asMatrix, columnsOf, copyRows, type Matrix, rowsOf } from './matrix.ts';
import type { View } from './twin.ts';

// What backward sees again of the steps that forward took: kept, or computed once more.

/** Copies the gates of step t and, where the cell has some, the cell states after it and before it. */
export type Recall = (t: number, gates: Matrix, c: Matrix, cPrevious: Matrix) => void;

/** Takes a cell from the states of all ranks to those after step t; returns the step's gates. */
export type Advance = (t: number, h: RealArray, c: RealArray) => Matrix;

interface Sequence {
  readonly layout: Layout;
  readonly direction: Direction;
  /** [batch, H] by rank; initialC is empty for cells without a cell state. */
  readonly initialH: Matrix;
  readonly initialC: Matrix;
}

/** From `gates` and `cells`, which forward kept for every token. */
export function recallKept({
  layout,
  direction,
  initialC,
  gates,
  cells,
}: Sequence & { readonly gates: View | undefined; readonly cells: View | undefined }): Recall {
  return (t, a, c, cPrevious) => {
    if (gates) copyRows(a, stepRows(gates, layout, t));
    if (!cells) return;
    copyRows(c, stepRows(cells, layout, t));
    copyPrevious(cPrevious, cells, initialC, layout, t, direction);
  };
}

/** What a segment's steps are taken from once more, and where they go. */
interface Recomputation extends Sequence {
  readonly advance: Advance;
  readonly segments: readonly (readonly number[])[];
  /** [tokens, H]: h before a segment */
  readonly y: View;
  /** [segments, batch, ≥ H]: c after each segment */
  readonly checkpoints: View | undefined;
  /** Scratch memory [steps of a segment, batch, …] */
  readonly gates: View;
  readonly cells: View | undefined;
  /** Scratch memory [batch, H] */
  readonly h: Matrix;
  readonly c: Matrix;
}

/** Takes the steps of a segment once more when the last of them is asked for: backward comes from there. */
export function recallComputed(of: Recomputation): Recall {
  const { layout, direction, initialC, segments, checkpoints, gates, cells, h, c: state } = of;
  const H = h.columns;
  const places = new Map(segments.flatMap((steps, index) => steps.map((t, place) => [t, { index, place }] as const)));

  /** The cell states before a segment. */
  const before = (index: number) => (index > 0 && checkpoints ? blockOf(checkpoints, index - 1, H) : initialC);

  const compute = (index: number) => {
    const steps = segments[index]!;
    copyPrevious(h, of.y, of.initialH, layout, steps[0]!, direction);
    copyRows(state, before(index));
    steps.forEach((t, place) => {
      const a = of.advance(t, h.data, state.data);
      copyRows(blockOf(gates, place, a.columns, a.rows), a);
      if (cells) copyRows(blockOf(cells, place, H), state);
    });
  };

  return (t, a, c, cPrevious) => {
    const { index, place } = places.get(t)!;
    if (place === segments[index]!.length - 1) compute(index);
    copyRows(a, blockOf(gates, place, a.columns));
    if (!cells) return;
    copyRows(c, blockOf(cells, place, H));
    copyRows(cPrevious, place > 0 ? blockOf(cells, place - 1, H) : before(index));
  };
}

/** The steps in the order in which a cell visits them, cut into segments of `recompute` steps; true: of ⌈√steps⌉. */
export function segmentsOf(layout: Layout, direction: Direction, recompute: boolean | number = false): number[][] {
  const steps = timeSteps(layout, direction);
  const length = recompute === true ? Math.ceil(Math.sqrt(steps.length)) : recompute || steps.length;
  return Array.from({ length: Math.ceil(steps.length / (length || 1)) }, (_, index) =>
    steps.slice(index * length, (index + 1) * length),
  );
}

/** The first columns of one of the blocks [batch, …] of a buffer. */
export function blockOf({ data, shape }: View, index: number, columns: number, rows = shape[1]!): Matrix {
  const all = asMatrix({ data, shape });
  return columnsOf(rowsOf(all, index * shape[1]!, rows), 0, columns);
}
