import { dataset } from '../data/dataset.ts';
import { binaryCrossEntropy } from '../losses/binary-cross-entropy.ts';
import type { Random } from '../random/random.ts';
import { expectLags, guessing, oneHot, type Task } from './task.ts';

/** A kind of bracket opens with its number and closes with its number + 2. */
export const brackets = ['(', '[', ')', ']'] as const;
const kinds = 2;
/** Of brackets open at once. A network of a fixed size has room for no more than some number; Hewitt et al. 2020. */
export const deepest = 4;

/**
 * Dyck-2: brackets of two kinds that close in the order of a stack. The first one stays open over a balanced word, no deeper than
 * four, and the bracket that closes it is asked for. A lag is the length of that word, one less where it is odd. Chomsky &
 * Schützenberger 1963.
 */
export const dyck: Task = {
  name: 'dyck',
  asks: 'which of two kinds of bracket closes next: the first one that was opened, after a balanced word of others',
  inputSize: brackets.length,
  outputs: 1,
  answers: 'last',
  loss: binaryCrossEntropy(),
  least: 2,
  mixed: true,
  draw(lags, random) {
    expectLags('dyck', lags, dyck.least);
    const rows = lags.map(lag => [random.below(kinds), ...balanced(lag - (lag % 2), random)]);
    return dataset({
      sequences: rows.map(row => oneHot(row, dyck.inputSize)),
      size: dyck.inputSize,
      classes: rows.map(([first]) => first!),
    });
  },
  baseline: () => guessing(kinds),
};

/** A balanced word of an even length inside of a bracket. */
function balanced(length: number, random: Random): number[] {
  const open: number[] = [];
  return Array.from({ length }, (_, at) => {
    const mustClose = open.length === deepest - 1 || open.length === length - at;
    if (open.length > 0 && (mustClose || random.below(2) === 1)) return open.pop()! + kinds;
    open.push(random.below(kinds));
    return open.at(-1)!;
  });
}
