import { dataset } from '../data/dataset.ts';
import { meanSquaredError } from '../losses/mean-squared-error.ts';
import { expectLags, type Task } from './task.ts';

const least = 2;

/**
 * The adding problem: a number in [0, 1) and a marker at every step; the marker is 1 at one step of the first half and at one of
 * the second, else 0. The target is the sum of the two marked numbers. A lag is the length of the sequence. Always answering 1 has
 * the sum's variance, 1/6, as its error. Hochreiter & Schmidhuber 1997, in the form of Le, Jaitly & Hinton 2015.
 */
export const adding: Task = {
  name: 'adding',
  asks: 'the sum of the two numbers that are marked, one in each half of the sequence',
  inputSize: 2,
  outputs: 1,
  answers: 'last',
  loss: meanSquaredError(),
  least,
  mixed: false,
  draw(lags, random) {
    expectLags('adding', lags, least);
    const targets = new Float32Array(lags.length);
    const sequences = lags.map((steps, row) => {
      const sequence = new Float32Array(2 * steps);
      for (let t = 0; t < steps; t++) sequence[2 * t] = random.uniform();
      const half = Math.floor(steps / 2);
      for (const t of [random.below(half), half + random.below(steps - half)]) {
        sequence[2 * t + 1] = 1;
        targets[row]! += sequence[2 * t]!;
      }
      return sequence;
    });
    return dataset({ sequences, size: 2, targets });
  },
  baseline: () => ({ loss: 1 / 6 }),
};
