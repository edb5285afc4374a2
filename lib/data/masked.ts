import { rangeError } from '../errors.ts';
import { type PackedLayout, type Precision, packIds, packLayout, type RealArray } from './ragged.ts';

/**
 * Sequences of which not every step counts. A step that does not count leaves states as they were, which is as if it were not
 * there: only those that count are packed and computed.
 */
export interface MaskedLayout {
  /** Of the steps that count alone. */
  readonly layout: PackedLayout;
  /** Of the padded batch. */
  readonly steps: number;
  readonly batch: number;
  /** int32 [tokens]: where each packed row stands in the padded batch, whose rows are [steps·batch], time-major. */
  readonly places: Int32Array;
}

/**
 * The layout of the steps that count. Padding may stand on either side and between, and there may be sequences of which nothing
 * counts.
 * @param mask [steps, batch]; a step counts where it is not 0
 * @throws ERR_DATA where its elements are no whole number of steps
 */
export function packMask(mask: ArrayLike<number>, batch: number): MaskedLayout {
  if (batch < 0 || !Number.isInteger(batch) || (batch === 0 ? mask.length > 0 : mask.length % batch > 0))
    throw rangeError('ERR_DATA', `packMask: the mask has ${mask.length} elements, expected [steps, ${batch}]`);
  const places: number[][] = Array.from({ length: batch }, () => []);
  for (let place = 0; place < mask.length; place++) if (mask[place] !== 0) places[place % batch]!.push(place);
  const layout = packLayout(places.map(({ length }) => length));
  return { layout, steps: batch === 0 ? 0 : mask.length / batch, batch, places: packIds(places, layout) };
}

/** x [steps, batch, features] → the rows of the steps that count, [tokens, features]. */
export function packMasked(
  x: ArrayLike<number>,
  features: number,
  { steps, batch, places }: MaskedLayout,
  precision: Precision = 'float32',
): RealArray {
  if (x.length !== steps * batch * features)
    throw rangeError(
      'ERR_DATA',
      `packMasked: x has ${x.length} elements, expected [${steps}, ${batch}, ${features}] as the mask`,
    );
  const packed =
    precision === 'float64' ? new Float64Array(places.length * features) : new Float32Array(places.length * features);
  for (let row = 0; row < places.length; row++)
    for (let k = 0; k < features; k++) packed[row * features + k] = x[places[row]! * features + k]!;
  return packed;
}

/** Rows that go elsewhere: row from[i] of a tensor to row to[i] of another. int32 each, of one length. */
export interface RowMoves {
  readonly from: Int32Array;
  readonly to: Int32Array;
}

/** What stands at each step of the padded batch; a row that nothing goes to is 0. The rows are [steps·batch], time-major. */
export interface PutBack {
  /** Rows of the outputs [tokens, ...] of the steps that count. */
  readonly outputs: RowMoves;
  /** Rows of the initial states [batch, ...], in the caller's order. */
  readonly initial: RowMoves;
}

/**
 * Where the outputs of the steps that count stand in the padded batch; lib/ops/move-rows.ts does it to tensors.
 * @param options.padding what stands at the others: nothing ('zero'), or ('hold') the state that is carried over them: the output
 * of the last step that counted, in the direction in which steps are taken, and before there was one the initial state
 */
export function putBack(
  { steps, batch, places }: MaskedLayout,
  { direction, padding }: { readonly direction: 'forward' | 'backward'; readonly padding: 'zero' | 'hold' },
): PutBack {
  const none = new Int32Array(0);
  if (padding === 'zero')
    return { outputs: { from: places.map((_, row) => row), to: places }, initial: { from: none, to: none } };
  const rowAt = new Int32Array(steps * batch).fill(-1);
  for (const [row, place] of places.entries()) rowAt[place] = row;
  const outputs = { from: [] as number[], to: [] as number[] };
  const initial = { from: [] as number[], to: [] as number[] };
  for (let sequence = 0; sequence < batch; sequence++) {
    let held = -1;
    for (let step = 0; step < steps; step++) {
      const place = (direction === 'forward' ? step : steps - 1 - step) * batch + sequence;
      if (rowAt[place]! >= 0) held = rowAt[place]!;
      const moves = held >= 0 ? outputs : initial;
      moves.from.push(held >= 0 ? held : sequence);
      moves.to.push(place);
    }
  }
  const packed = ({ from, to }: typeof outputs) => ({ from: Int32Array.from(from), to: Int32Array.from(to) });
  return { outputs: packed(outputs), initial: packed(initial) };
}
