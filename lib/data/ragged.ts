import { rangeError } from '../errors.ts';

export type RealArray = Float32Array | Float64Array;
export type Precision = 'float32' | 'float64';

/**
 * Where the steps of a ragged batch stand when packed: rows in time-major order over the sequences sorted by length,
 * longest first, so that those alive at a step are a prefix and padding takes no room.
 * Row of step t of the sequence ranked r: offsets[t] + r.
 */
export interface PackedLayout {
  /** Length of the longest sequence. */
  readonly steps: number;
  /** Sequences, those of length 0 included. */
  readonly batch: number;
  /** Sum of the lengths: the packed rows. */
  readonly tokens: number;
  /** [steps], the first row of each step. */
  readonly offsets: Int32Array;
  /** [batch], the caller's index of the sequence at each rank. */
  readonly order: Int32Array;
}

/** The layout of sequences of these lengths; sequences of equal length keep their order. O(batch + steps). */
export function packLayout(lengths: ArrayLike<number>): PackedLayout {
  const batch = lengths.length;
  let steps = 0;
  let tokens = 0;
  for (let index = 0; index < batch; index++) {
    const length = lengths[index]!;
    if (!Number.isInteger(length) || length < 0)
      throw rangeError('ERR_DATA', `packLayout: length ${index} must be a whole number of at least 0, got ${length}`);
    if (length > steps) steps = length;
    tokens += length;
  }

  // Counting sort: `rank[l]` is first the number of sequences longer than l, then the next free rank for length l.
  const rank = new Int32Array(steps + 1);
  for (let index = 0; index < batch; index++) {
    const length = lengths[index]!;
    if (length > 0) rank[length - 1]!++;
  }
  for (let length = steps - 1; length >= 0; length--) rank[length]! += rank[length + 1]!;

  const offsets = new Int32Array(steps);
  for (let t = 1; t < steps; t++) offsets[t] = offsets[t - 1]! + rank[t - 1]!;

  const order = new Int32Array(batch);
  for (let index = 0; index < batch; index++) order[rank[lengths[index]!]!++] = index;
  return { steps, batch, tokens, offsets, order };
}

/** Whether two layouts are those of the same lengths. */
export function sameLayout(a: PackedLayout, b: PackedLayout): boolean {
  const same = (x: Int32Array, y: Int32Array) => x.length === y.length && x.every((value, at) => value === y[at]);
  return a === b || (a.tokens === b.tokens && same(a.offsets, b.offsets) && same(a.order, b.order));
}

/** The length of each sequence, in the caller's order. */
export function lengthsOf(layout: PackedLayout): Int32Array {
  const { steps, batch, order } = layout;
  const lengths = new Int32Array(batch);
  let alive = batch;
  for (let t = 0; t < steps; t++) {
    const active = activeAt(t, layout);
    while (alive > active) lengths[order[--alive]!] = t;
  }
  while (alive > 0) lengths[order[--alive]!] = steps;
  return lengths;
}

/** Token ids or class numbers, one per step, of the sequences that the layout was made from → int32 [tokens]. */
export function packIds(sequences: readonly ArrayLike<number>[], { tokens, offsets, order }: PackedLayout): Int32Array {
  const packed = new Int32Array(tokens);
  for (let r = 0; r < order.length; r++) {
    const sequence = sequences[order[r]!]!;
    for (let t = 0; t < sequence.length; t++) packed[offsets[t]! + r] = sequence[t]!;
  }
  return packed;
}

/** Sequences [length, features], row-major, that the layout was made from → [tokens, features]. */
export function packRows(
  sequences: readonly ArrayLike<number>[],
  features: number,
  layout: PackedLayout,
  precision: Precision = 'float32',
): RealArray {
  const { tokens, offsets, order } = layout;
  const packed = realArray(precision, tokens * features);
  const ranked = Array.from(order, index => sequences[index]!);
  let to = 0;
  for (let t = 0; t < offsets.length; t++) {
    const active = activeAt(t, layout);
    for (let r = 0; r < active; r++) {
      const sequence = ranked[r]!;
      let from = t * features;
      for (const end = to + features; to < end; from++, to++) packed[to] = sequence[from]!;
    }
  }
  return packed;
}

/** x [steps, batch, features] of the given lengths → its layout and rows [tokens, features]; what lies past a length is dropped. */
export function packPadded(
  x: ArrayLike<number>,
  features: number,
  lengths: ArrayLike<number>,
  precision: Precision = 'float32',
): { layout: PackedLayout; rows: RealArray } {
  const layout = packLayout(lengths);
  const { steps, batch, order } = layout;
  if (x.length % (batch * features || 1) !== 0 || x.length < steps * batch * features)
    throw rangeError(
      'ERR_DATA',
      `packPadded: x has ${x.length} elements, expected [steps, ${batch}, ${features}] with at least ${steps} steps`,
    );
  const rows = realArray(precision, layout.tokens * features);
  let to = 0;
  for (let t = 0; t < steps; t++) {
    const active = activeAt(t, layout);
    for (let r = 0; r < active; r++) {
      let from = (t * batch + order[r]!) * features;
      for (const end = to + features; to < end; from++, to++) rows[to] = x[from]!;
    }
  }
  return { layout, rows };
}

/** Packed rows [tokens, features] → a sequence [length, features] each, in the caller's order. */
export function unpackRows<A extends RealArray | Int32Array>(packed: A, features: number, layout: PackedLayout): A[] {
  const { offsets, order } = layout;
  const sequences = Array.from(lengthsOf(layout), length => alike(packed, length * features));
  for (let r = 0; r < order.length; r++) {
    const sequence = sequences[order[r]!]!;
    for (let to = 0, t = 0; to < sequence.length; t++) {
      let from = (offsets[t]! + r) * features;
      for (const end = to + features; to < end; from++, to++) sequence[to] = packed[from]!;
    }
  }
  return sequences;
}

/** Packed rows [tokens, features] → [steps, batch, features] in the caller's order, zero past each sequence's length. */
export function padTimeMajor<A extends RealArray | Int32Array>(packed: A, features: number, layout: PackedLayout): A {
  const { steps, batch, order } = layout;
  const padded = alike(packed, steps * batch * features);
  let from = 0;
  for (let t = 0; t < steps; t++) {
    const active = activeAt(t, layout);
    for (let r = 0; r < active; r++) {
      let to = (t * batch + order[r]!) * features;
      for (const end = from + features; from < end; from++, to++) padded[to] = packed[from]!;
    }
  }
  return padded;
}

/** How many sequences have a step t. */
function activeAt(t: number, { offsets, tokens }: PackedLayout): number {
  return (offsets[t + 1] ?? tokens) - offsets[t]!;
}

/** Zeros of a precision. */
function realArray(precision: Precision, length: number): RealArray {
  return precision === 'float64' ? new Float64Array(length) : new Float32Array(length);
}

function alike<A extends RealArray | Int32Array>(array: A, length: number): A {
  return new (array.constructor as new (length: number) => A)(length);
}
