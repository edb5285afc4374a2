import { rangeError } from '../../errors.ts';
import { checkIndex } from './indices.ts';
import type { Integers } from './twin.ts';

/** Where the rows of a ragged batch lie: row of (t, rank) = offsets[t] + rank. */
export interface Layout {
  readonly steps: number;
  readonly batch: number;
  readonly tokens: number;
  readonly offsets: Int32Array;
  /** The caller's index of each rank. */
  readonly order: Int32Array;
}

/** @throws ERR_INDEX where offsets are not those of sequences sorted by length, or order is no permutation */
export function layoutOf(
  op: string,
  { offsets, order }: { offsets: Integers; order: Integers },
  tokens: number,
): Layout {
  const layout = {
    steps: offsets.data.length,
    batch: order.data.length,
    tokens,
    offsets: offsets.data,
    order: order.data,
  };
  checkOffsets(op, layout);
  checkOrder(op, layout);
  return layout;
}

/** How many sequences are alive at step t: the first ranks. */
export function activeAt({ steps, tokens, offsets }: Layout, t: number): number {
  return (t + 1 < steps ? offsets[t + 1]! : tokens) - offsets[t]!;
}

/** The length of each rank's sequence. */
export function lengthsOf(layout: Layout): Int32Array {
  const lengths = new Int32Array(layout.batch);
  for (let t = 0; t < layout.steps; t++) for (let rank = 0; rank < activeAt(layout, t); rank++) lengths[rank]!++;
  return lengths;
}

function checkOffsets(op: string, layout: Layout): void {
  const { steps, tokens, batch, offsets } = layout;
  if (steps === 0 && tokens > 0)
    throw rangeError('ERR_INDEX', `${op}: offsets are empty, but there are ${tokens} tokens`);
  if (steps > 0 && offsets[0] !== 0) throw rangeError('ERR_INDEX', `${op}: offsets[0] is ${offsets[0]}, expected 0`);
  for (let t = 0, limit = batch; t < steps; t++) {
    const active = activeAt(layout, t);
    if (active < 0 || active > limit)
      throw rangeError(
        'ERR_INDEX',
        `${op}: offsets[${t}] is ${offsets[t]}, which leaves ${active} sequences at step ${t}, expected 0…${limit}`,
      );
    limit = active;
  }
}

function checkOrder(op: string, { batch, order }: Layout): void {
  const seen = new Uint8Array(batch);
  for (let rank = 0; rank < batch; rank++) {
    const place = order[rank]!;
    checkIndex(op, 'order', rank, place, batch);
    if (seen[place]) throw rangeError('ERR_INDEX', `${op}: order[${rank}] is ${place} again, expected a permutation`);
    seen[place] = 1;
  }
}
