import { dataset } from '../data/dataset.ts';
import { crossEntropy } from '../losses/cross-entropy.ts';
import { expectLags, oneHot, type Task } from './task.ts';

const symbols = 8;
const length = 10;
export const blank = symbols;
export const recall = symbols + 1;

/**
 * Copy memory: ten symbols out of eight, blanks, a sign to recall them, blanks. A class at every step: blank, and at the last ten
 * steps the symbols in their order. A lag is the T of T + 20 steps: a symbol is asked for T + 10 steps after it. One who remembers
 * none and knows when to guess has a loss of 10·ln 8/(T + 20). Hochreiter & Schmidhuber 1997, in the form of
 * Arjovsky, Shah & Bengio 2016.
 */
export const copy: Task = {
  name: 'copy',
  asks: 'the ten symbols from the beginning, once their recall is asked for; a blank at all other steps',
  inputSize: symbols + 2,
  outputs: symbols + 1,
  answers: 'sequence',
  loss: crossEntropy(),
  least: 1,
  mixed: false,
  draw(lags, random) {
    expectLags('copy', lags, copy.least);
    const classes: Int32Array[] = [];
    const sequences = lags.map(lag => {
      const steps = lag + 2 * length;
      const read = new Int32Array(steps).fill(blank);
      const asked = new Int32Array(steps).fill(blank);
      for (let at = 0; at < length; at++) read[at] = asked[steps - length + at] = random.below(symbols);
      read[steps - length - 1] = recall;
      classes.push(asked);
      return oneHot(read, copy.inputSize);
    });
    return dataset({ sequences, size: copy.inputSize, classes, per: 'token' });
  },
  baseline: lag => ({
    loss: (length * Math.log(symbols)) / (lag + 2 * length),
    accuracy: (lag + length + length / symbols) / (lag + 2 * length),
  }),
};
