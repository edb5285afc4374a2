import { dataset } from '../data/dataset.ts';
import { binaryCrossEntropy } from '../losses/binary-cross-entropy.ts';
import { expectLags, guessing, oneHot, type Task } from './task.ts';

/**
 * Parity: whether the number of ones among random bits is odd, asked once, after the last. A lag is the number of bits. No bit can
 * be left out, and nothing but the whole answer is ever told. Minsky & Papert 1969; for recurrent networks Hochreiter &
 * Schmidhuber 1997.
 */
export const parity: Task = {
  name: 'parity',
  asks: 'whether there was an odd number of ones',
  inputSize: 2,
  outputs: 1,
  answers: 'last',
  loss: binaryCrossEntropy(),
  least: 1,
  mixed: true,
  draw(lags, random) {
    expectLags('parity', lags, parity.least);
    const rows = lags.map(lag => Int32Array.from({ length: lag }, () => random.below(2)));
    return dataset({
      sequences: rows.map(bits => oneHot(bits, parity.inputSize)),
      size: parity.inputSize,
      classes: rows.map(bits => bits.reduce((odd, bit) => odd ^ bit, 0)),
    });
  },
  baseline: () => guessing(2),
};
