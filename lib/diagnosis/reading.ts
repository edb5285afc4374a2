import type { PackedLayout } from '../data/ragged.ts';
import type { Direction } from '../ops/recurrent.ts';

/** A step of a batch, and the sequences that have one: their places in the caller's batch, in order, and their tokens. */
export interface ReadStep {
  readonly step: number;
  readonly alive: readonly { readonly token: number; readonly place: number }[];
}

/** The steps in the order in which a layer reads them. */
export function stepsOf({ steps, tokens, offsets, order }: PackedLayout, direction: Direction): ReadStep[] {
  const all = Array.from({ length: steps }, (_, step) => {
    const first = offsets[step]!;
    const count = (offsets[step + 1] ?? tokens) - first;
    const alive = Array.from({ length: count }, (_, rank) => ({ token: first + rank, place: order[rank]! }));
    return { step, alive: alive.sort((a, b) => a.place - b.place) };
  });
  return direction === 'forward' ? all : all.reverse();
}

/** How many steps lie between one and the last that a layer reads of a sequence. */
export function lagOf(step: number, length: number, direction: Direction): number {
  return direction === 'forward' ? length - 1 - step : step;
}
