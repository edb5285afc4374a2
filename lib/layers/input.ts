import type { Recording } from '../program/recording.ts';
import type { Tensor } from '../program/tensor.ts';
import type { Flow } from './layer.ts';

/** Name of the layout that a network's input sequences have, where no other is asked for. */
export const inputLayout = 'input';

/** The feed of a network's input: `input.ids` [tokens], `input.rows` [tokens, size] or `input.features` [batch, size]. */
export function inputFeed(recording: Recording, { kind, size }: Flow, layout = inputLayout): Tensor {
  if (kind === 'vector') return recording.feed('input.features', ['batch', size]);
  const { tokens } = recording.layout(layout);
  return kind === 'ids'
    ? recording.feed(`${layout}.ids`, [tokens], 'int32')
    : recording.feed(`${layout}.rows`, [tokens, size]);
}
