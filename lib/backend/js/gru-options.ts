import type { Cell } from './cell.ts';
import { type GateFunction, gateFunctions, type OptionAttributes, zoneOut } from './cell-options.ts';

export interface GruOptionAttributes extends OptionAttributes {
  readonly reset: 'after' | 'before';
  readonly updateGate: 'keep' | 'write';
}

/**
 * The equations of gru.ts with f of each gate for σ and tanh, and zoneout after them: h = p·h₋ + (1−p)·h'. What is kept for
 * backward is a.
 */
export function gruWithOptions(attributes: GruOptionAttributes): Cell<unknown> {
  const [fr, fz, fn] = gateFunctions(attributes, 3) as [GateFunction, GateFunction, GateFunction];
  const { reset, updateGate, zoneoutH = 0 } = attributes;

  /** Gates of one unit. */
  const gates = (a: Float64Array, p: number, H: number) => {
    const r = fr.value(a[p]!);
    const sum = a[p + 2 * H]! + (reset === 'after' ? r * a[p + 3 * H]! : a[p + 3 * H]!);
    return { r, z: fz.value(a[p + H]!), sum, n: fn.value(sum) };
  };

  return {
    blocks: 4,
    recurrentBlocks: [0, 1, 3],

    forward({ rows, size: H, a, h, zoneH }) {
      for (let row = 0; row < rows; row++) {
        for (let s = row * H, p = 4 * row * H; s < (row + 1) * H; s++, p++) {
          const { z, n } = gates(a, p, H);
          const kept = updateGate === 'keep' ? z : 1 - z;
          h[s] = zoneOut(zoneH?.[s] ?? zoneoutH, h[s]!, kept * h[s]! + (1 - kept) * n);
        }
      }
    },

    backward({ rows, size: H, a, hPrevious, dh, zoneH }) {
      const sign = updateGate === 'keep' ? 1 : -1;
      for (let row = 0; row < rows; row++) {
        for (let s = row * H, p = 4 * row * H; s < (row + 1) * H; s++, p++) {
          const { r, z, sum, n } = gates(a, p, H);
          const share = zoneH?.[s] ?? zoneoutH;
          const kept = updateGate === 'keep' ? z : 1 - z;
          const d = (1 - share) * dh[s]!;
          const dn = fn.backward(sum, d * (1 - kept));
          if (reset === 'after') {
            a[p] = fr.backward(a[p]!, dn * a[p + 3 * H]!);
            a[p + 3 * H] = dn * r;
          } else {
            a[p + 3 * H] = dn; // a_r stays what it is until reset.backward
          }
          a[p + H] = fz.backward(a[p + H]!, sign * d * (hPrevious[s]! - n));
          a[p + 2 * H] = dn;
          dh[s] = share * dh[s]! + d * kept;
        }
      }
    },

    reset: {
      applies: () => reset === 'before',

      activate() {},

      apply({ rows, size: H, a }, h) {
        for (let row = 0; row < rows; row++)
          for (let s = row * H, p = 4 * row * H; s < (row + 1) * H; s++, p++) h[s]! *= fr.value(a[p]!);
      },

      backward({ rows, size: H, a }, h, d) {
        for (let row = 0; row < rows; row++) {
          for (let s = row * H, p = 4 * row * H; s < (row + 1) * H; s++, p++) {
            const r = fr.value(a[p]!);
            a[p] = fr.backward(a[p]!, d[s]! * h[s]!);
            d[s]! *= r;
          }
        }
      },
    },
  };
}
