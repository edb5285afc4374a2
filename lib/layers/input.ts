import type { Recording } from '../program/recording.ts';
import type { Tensor } from '../program/tensor.ts';
import type { Flow } from './layer.ts';

/** What a network's input is called where it has one that was given no name. */
export const soleInput = 'input';

/** Name in programs of the layout of an input's sequences, and the beginning of the names of its feeds. */
export function layoutOf(input: string): string {
  return input === soleInput ? input : `${soleInput}.${input}`;
}

/**
 * The feed of a network's input, by the name of its layout: `<layout>.ids` [tokens], `<layout>.rows` [tokens, size] or
 * `<layout>.features` [batch, size].
 */
export function inputFeed(recording: Recording, { kind, size }: Flow, layout = layoutOf(soleInput)): Tensor {
  if (kind === 'vector') return recording.feed(`${layout}.features`, ['batch', size]);
  const { tokens } = recording.layout(layout);
  return kind === 'ids'
    ? recording.feed(`${layout}.ids`, [tokens], 'int32')
    : recording.feed(`${layout}.rows`, [tokens, size]);
}
