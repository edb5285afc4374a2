import type { Cell } from './cell.ts';
import type { OptionAttributes } from './cell-options.ts';
import { recurrent, recurrentGradient } from './recurrent.ts';
import { rnnWithOptions } from './rnn-options.ts';

interface Attributes extends OptionAttributes {
  readonly activation: 'tanh' | 'relu';
}

/** h = f(a), f = tanh or relu;   da = dh⊙(1−h²), or dh where h > 0 */
const rnnCell: Cell<Attributes> = {
  blocks: 1,
  recurrentBlocks: [0],

  forward({ rows, size, a, h }, { activation }) {
    for (let s = 0; s < rows * size; s++) h[s] = activation === 'tanh' ? Math.tanh(a[s]!) : Math.max(a[s]!, 0);
  },

  backward({ rows, size, a, h, dh }, { activation }) {
    for (let s = 0; s < rows * size; s++) {
      const y = h[s]!;
      a[s] = dh[s]! * (activation === 'tanh' ? 1 - y * y : y > 0 ? 1 : 0);
      dh[s] = 0;
    }
  },
};

const cellOf = (attributes: Attributes) => (attributes.activations ? rnnWithOptions(attributes) : rnnCell);

export const rnn = recurrent('rnn', cellOf);
export const rnnGradient = recurrentGradient('rnnGradient', cellOf);
