import { eachRow } from './stretch.ts';
import type { Binary } from './twin.ts';

/** y = a ⊙ b. An operand that is stretched along a row stands still there: its step is 0. */
export const multiply: Binary = ({ a, b }, { y }) => {
  eachRow(y.shape, a.shape, b.shape, (row, length, p, stepA, q, stepB) => {
    for (let j = 0; j < length; j++) y.data[row + j] = a.data[p + j * stepA]! * b.data[q + j * stepB]!;
  });
};
