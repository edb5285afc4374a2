import { rangeError } from '../errors.ts';
import type { Batch, BatchInput, BatchTargets } from './batches.ts';
import { mapNamed } from './map-named.ts';
import type { PackedLayout } from './ragged.ts';

/** How many steps of time each update goes on by, and how many it is differentiated through: as many or more, in whole windows. */
export interface WindowSize {
  readonly forward: number;
  readonly backward: number;
}

/** A stretch of time of a batch, with all its rows: those that have ended are of length 0. */
export interface Window extends Batch {
  /** The steps right before it, `backward` − `forward` of them or as many as there are. */
  readonly past: BatchInput;
}

type Sequences = Exclude<BatchInput, { kind: 'vector' }>;

/** @param window steps, forward and backward alike, or both @throws ERR_ARGUMENT unless backward is a multiple of forward */
export function windowSize(name: string, window: number | WindowSize): WindowSize {
  const { forward, backward } = typeof window === 'number' ? { forward: window, backward: window } : window;
  if (!Number.isInteger(forward) || forward < 1)
    throw rangeError('ERR_ARGUMENT', `${name}: a window has a whole number of steps of at least 1, got ${forward}`);
  if (!Number.isInteger(backward) || backward < forward || backward % forward !== 0)
    throw rangeError(
      'ERR_ARGUMENT',
      `${name}: a window's backward must be a multiple of its forward, ${forward}, got ${backward}`,
    );
  return { forward, backward };
}

/**
 * Cuts a batch along time. The rows of a window are those of the batch, in its order, and what a window holds is not copied.
 * @throws ERR_DATA where there is no time axis, more than one input or a target per sequence
 */
export function* windows(batch: Batch, { forward, backward }: WindowSize): Generator<Window, void, undefined> {
  const { targets, heads, input } = batch;
  const names = Object.keys(batch.inputs);
  if (names.length > 1) throw rangeError('ERR_DATA', `windows: ${names.join(' and ')} cannot be cut along one time`);
  if (input.kind === 'vector') throw rangeError('ERR_DATA', 'windows: vectors have no time axis to cut');
  for (let start = 0; start < input.layout.steps; start += forward) {
    const { part, from, to } = stretch(input, start, start + forward);
    const cut = (of: BatchTargets): BatchTargets => {
      if (of.per === 'sequence')
        throw rangeError('ERR_DATA', 'windows: there is one target per sequence; windows need one per token');
      const { size, values, weights } = of;
      return {
        ...of,
        layout: part.layout,
        values: values.subarray(from * size, to * size),
        ...(weights && { weights: weights.subarray(from, to) }),
      };
    };
    yield {
      ...batch,
      tokens: part.layout.tokens,
      inputs: { [names[0]!]: part },
      input: part,
      targets: targets && cut(targets),
      ...(heads && { heads: mapNamed(heads, cut) }),
      past: stretch(input, Math.max(0, start + forward - backward), start).part,
    };
  }
}

/** The steps from `start` up to `stop`, and which packed rows those are: time comes first, so they lie side by side. */
function stretch(input: Sequences, start: number, stop: number): { part: Sequences; from: number; to: number } {
  const { offsets, order, batch, tokens } = input.layout;
  const from = offsets[start] ?? tokens;
  const to = offsets[stop] ?? tokens;
  const own = offsets.slice(start, stop).map(offset => offset - from);
  const layout: PackedLayout = { steps: own.length, batch, tokens: to - from, offsets: own, order };
  const part = { ...input, layout, values: input.values.subarray(from * input.size, to * input.size) } as Sequences;
  return { part, from, to };
}
