import { rangeError } from '../errors.ts';

export type Side = 'front' | 'back';

/** At most `maxLength` ids of a sequence: 'front' drops the first ones and keeps the last, 'back' keeps the first. */
export function truncate(ids: Int32Array, maxLength: number, side: Side = 'front'): Int32Array {
  if (ids.length <= maxLength) return ids;
  return side === 'front' ? ids.slice(ids.length - maxLength) : ids.slice(0, maxLength);
}

export interface PadOptions {
  /** Of every result. Default: of the longest sequence. */
  readonly length?: number;
  /** Where shorter sequences gain `value`. Default 'front', as in Keras. */
  readonly pad?: Side;
  /** Where longer sequences lose ids. Default 'front', as in Keras. */
  readonly truncate?: Side;
  /** Default 0. */
  readonly value?: number;
}

/**
 * Sequences of one length: Keras's pad_sequences. Recurrent layers do not need it, they read sequences of any lengths;
 * it is for reproducing models that were trained on padding.
 */
export function padSequences(sequences: readonly ArrayLike<number>[], options: PadOptions = {}): Int32Array[] {
  const longest = sequences.reduce((most, { length }) => Math.max(most, length), 0);
  const { length = longest, pad = 'front', truncate: side = 'front', value = 0 } = options;
  if (!Number.isInteger(length) || length < 0)
    throw rangeError('ERR_ARGUMENT', `padSequences: length must be a whole number of at least 0, got ${length}`);
  return sequences.map(sequence => {
    const kept = truncate(Int32Array.from(sequence), length, side);
    const padded = new Int32Array(length).fill(value);
    padded.set(kept, pad === 'front' ? length - kept.length : 0);
    return padded;
  });
}
