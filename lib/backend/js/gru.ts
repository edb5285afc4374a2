import type { Cell } from './cell.ts';
import { type GruOptionAttributes, gruWithOptions } from './gru-options.ts';
import { recurrent, recurrentGradient } from './recurrent.ts';
import { logistic as sigmoid } from './sigmoid.ts';

/**
 * Blocks r z n u: a_n holds x·W_n + b_n, a_u the product with R_n that r acts on (reset 'after') or has acted on ('before').
 *
 *   r = σ(a_r)   z = σ(a_z)   n = tanh(a_n + r⊙a_u), or tanh(a_n + a_u)
 *   keep:   h = z⊙h₋ + (1−z)⊙n     dz = dh⊙(h₋−n)   dn = dh⊙(1−z)   dh₋ = dh⊙z
 *   write:  h = (1−z)⊙h₋ + z⊙n     dz = dh⊙(n−h₋)   dn = dh⊙z       dh₋ = dh⊙(1−z)
 *   da_z = dz⊙z(1−z)   da_n = dn⊙(1−n²)   after:  da_u = da_n⊙r,  da_r = da_n⊙a_u⊙r(1−r)   before:  da_u = da_n
 */
const gruCell: Cell<GruOptionAttributes> = {
  blocks: 4,
  recurrentBlocks: [0, 1, 3],

  forward({ rows, size: H, a, h }, { reset, updateGate }) {
    for (let row = 0; row < rows; row++) {
      for (let s = row * H, p = 4 * row * H; s < (row + 1) * H; s++, p++) {
        const r = reset === 'after' ? sigmoid(a[p]!) : a[p]!;
        const z = sigmoid(a[p + H]!);
        const u = a[p + 3 * H]!;
        const n = Math.tanh(a[p + 2 * H]! + (reset === 'after' ? r * u : u));
        const kept = updateGate === 'keep' ? z : 1 - z;
        h[s] = kept * h[s]! + (1 - kept) * n;
        a[p] = r;
        a[p + H] = z;
        a[p + 2 * H] = n;
      }
    }
  },

  backward({ rows, size: H, a, hPrevious, dh }, { reset, updateGate }) {
    const sign = updateGate === 'keep' ? 1 : -1;
    for (let row = 0; row < rows; row++) {
      for (let s = row * H, p = 4 * row * H; s < (row + 1) * H; s++, p++) {
        const r = a[p]!;
        const z = a[p + H]!;
        const n = a[p + 2 * H]!;
        const u = a[p + 3 * H]!;
        const kept = updateGate === 'keep' ? z : 1 - z;
        const dn = dh[s]! * (1 - kept) * (1 - n * n);
        if (reset === 'after') {
          a[p] = dn * u * r * (1 - r);
          a[p + 3 * H] = dn * r;
        } else {
          a[p + 3 * H] = dn; // a_r stays r until reset.backward
        }
        a[p + H] = sign * dh[s]! * (hPrevious[s]! - n) * z * (1 - z);
        a[p + 2 * H] = dn;
        dh[s]! *= kept;
      }
    }
  },

  // d = ∂L/∂(r⊙h):   da_r = d⊙h⊙r(1−r)   dh = d⊙r
  reset: {
    applies: ({ reset }) => reset === 'before',

    activate({ rows, size: H, a }) {
      for (let row = 0; row < rows; row++) for (let p = 4 * row * H, end = p + H; p < end; p++) a[p] = sigmoid(a[p]!);
    },

    apply({ rows, size: H, a }, h) {
      for (let row = 0; row < rows; row++)
        for (let s = row * H, p = 4 * row * H; s < (row + 1) * H; s++, p++) h[s]! *= a[p]!;
    },

    backward({ rows, size: H, a }, h, d) {
      for (let row = 0; row < rows; row++) {
        for (let s = row * H, p = 4 * row * H; s < (row + 1) * H; s++, p++) {
          const r = a[p]!;
          a[p] = d[s]! * h[s]! * r * (1 - r);
          d[s]! *= r;
        }
      }
    },
  },
};

const cellOf = (attributes: GruOptionAttributes) => (attributes.activations ? gruWithOptions(attributes) : gruCell);

export const gru = recurrent('gru', cellOf);
export const gruGradient = recurrentGradient('gruGradient', cellOf);
