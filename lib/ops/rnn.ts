import type { Activation } from '../activations.ts';
import type { CellOptions } from './cell-options.ts';
import { type RecurrentInputs, type RecurrentOutputs, recurrent, type SequenceAttributes } from './recurrent.ts';

export type RnnAttributes = SequenceAttributes &
  Omit<CellOptions, 'activations'> & {
    readonly activation: Activation;
  };

const op = recurrent<{ activation?: 'tanh' | 'relu' }>('rnn');

/**
 * Simple recurrent network over a ragged batch. Elman 1990.
 *
 *   h = f(x·W + b + h₋·R + b_R)
 */
export function rnn(inputs: RecurrentInputs, { activation, ...attributes }: RnnAttributes): RecurrentOutputs {
  const { clip, zoneoutH } = attributes;
  const plain = !clip && !zoneoutH && !inputs.zoneH && (activation === 'tanh' || activation === 'relu');
  return plain
    ? op(inputs, { ...attributes, activation })
    : op(inputs, { ...attributes, activations: { a: activation } });
}
