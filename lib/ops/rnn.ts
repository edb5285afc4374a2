import { recurrent, type SequenceAttributes } from './recurrent.ts';

/**
 * Simple recurrent network over a ragged batch. Elman 1990.
 *
 *   h = f(x·W + b + h₋·R + b_R)      f: tanh or relu
 */
export const rnn = recurrent<SequenceAttributes & { readonly activation: 'tanh' | 'relu' }>('rnn');
