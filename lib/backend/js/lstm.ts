import type { Cell } from './cell.ts';
import { type LstmOptionAttributes, lstmWithOptions } from './lstm-options.ts';
import { recurrent, recurrentGradient } from './recurrent.ts';
import { logistic as sigmoid } from './sigmoid.ts';

/**
 *   i = σ(aᵢ)   f = σ(a_f)   g = tanh(a_g)   o = σ(a_o)      c = f⊙c₋ + i⊙g      h = o⊙tanh(c)
 *
 *   dc += dh⊙o⊙(1−tanh²c)   da_i = dc⊙g⊙i(1−i)   da_f = dc⊙c₋⊙f(1−f)   da_g = dc⊙i⊙(1−g²)   da_o = dh⊙tanh(c)⊙o(1−o)
 *   dc₋ = dc⊙f
 */
const lstmCell: Cell<unknown> = {
  blocks: 4,
  recurrentBlocks: [0, 1, 2, 3],

  forward({ rows, size: H, a, h, c }) {
    for (let row = 0; row < rows; row++) {
      for (let s = row * H, p = 4 * row * H; s < (row + 1) * H; s++, p++) {
        const i = sigmoid(a[p]!);
        const f = sigmoid(a[p + H]!);
        const g = Math.tanh(a[p + 2 * H]!);
        const o = sigmoid(a[p + 3 * H]!);
        c[s] = f * c[s]! + i * g;
        h[s] = o * Math.tanh(c[s]!);
        a[p] = i;
        a[p + H] = f;
        a[p + 2 * H] = g;
        a[p + 3 * H] = o;
      }
    }
  },

  backward({ rows, size: H, a, c, cPrevious, dh, dc }) {
    for (let row = 0; row < rows; row++) {
      for (let s = row * H, p = 4 * row * H; s < (row + 1) * H; s++, p++) {
        const i = a[p]!;
        const f = a[p + H]!;
        const g = a[p + 2 * H]!;
        const o = a[p + 3 * H]!;
        const tanhC = Math.tanh(c[s]!);
        const d = dc[s]! + dh[s]! * o * (1 - tanhC * tanhC);
        a[p] = d * g * i * (1 - i);
        a[p + H] = d * cPrevious[s]! * f * (1 - f);
        a[p + 2 * H] = d * i * (1 - g * g);
        a[p + 3 * H] = dh[s]! * tanhC * o * (1 - o);
        dc[s] = d * f;
        dh[s] = 0;
      }
    }
  },
};

const cellOf = (attributes: LstmOptionAttributes) => (attributes.activations ? lstmWithOptions(attributes) : lstmCell);

export const lstm = recurrent('lstm', cellOf);
export const lstmGradient = recurrentGradient('lstmGradient', cellOf);
