import type { Cell } from './cell.ts';
import { gateFunctions, type OptionAttributes, zoneOut } from './cell-options.ts';

type Peephole = 'i' | 'f' | 'o';

export interface LstmOptionAttributes extends OptionAttributes {
  readonly zoneoutC?: number;
  readonly cellClip?: number;
  /** Of each row of the weights. */
  readonly peepholes?: readonly Peephole[];
  readonly coupled?: 'f' | 'i';
}

/**
 *   i = fᵢ(aᵢ + pᵢ⊙c₋)   f = f_f(a_f + p_f⊙c₋)   g = f_g(a_g)      coupled: f = 1 − i, or i = 1 − f
 *   c' = clip(f⊙c₋ + i⊙g)   o = f_o(a_o + p_o⊙c')   h' = o⊙f_c(c')      c = zoneout(c₋, c')   h = zoneout(h₋, h')
 *
 * What is kept for backward is a; all else is computed again.
 */
export function lstmWithOptions(attributes: LstmOptionAttributes): Cell<unknown> {
  const { zoneoutH = 0, zoneoutC = 0, cellClip = Infinity, peepholes = [], coupled } = attributes;
  const gates = ['i', 'f', 'g', 'o'].filter(gate => gate !== coupled);
  const functions = gateFunctions(attributes, gates.length);
  const squash = functions[gates.length]!;
  const block = (gate: string) => gates.indexOf(gate);
  const f = (gate: string) => functions[block(gate)]!;

  /** A unit's step: sums of gates with what they see of the cell state, their values, c'. */
  const unit = (a: Float64Array, p: number, H: number, c: number, see: (gate: Peephole) => number) => {
    const sum = (gate: string) => a[p + block(gate) * H]!;
    const sums = { i: 0, f: 0, g: sum('g'), o: 0 };
    const values = { i: 0, f: 0, g: f('g').value(sums.g), o: 0 };
    for (const gate of ['i', 'f'] as const) {
      if (gate === coupled) continue;
      sums[gate] = sum(gate) + see(gate) * c;
      values[gate] = f(gate).value(sums[gate]);
    }
    if (coupled) values[coupled] = 1 - values[coupled === 'f' ? 'i' : 'f'];
    const cSum = values.f * c + values.i * values.g;
    const next = Math.min(Math.max(cSum, -cellClip), cellClip);
    sums.o = sum('o') + see('o') * next;
    values.o = f('o').value(sums.o);
    return { sums, values, cSum, next, squashed: squash.value(next) };
  };

  /** The weight with which a gate sees unit j of the cell state. */
  const seeing = (weights: ArrayLike<number> | undefined, H: number, j: number) => (gate: Peephole) => {
    const row = peepholes.indexOf(gate);
    return row < 0 ? 0 : weights![row * H + j]!;
  };

  return {
    blocks: gates.length,
    recurrentBlocks: gates.map((_, index) => index),

    forward({ rows, size: H, a, h, c, peepholes: weights, zoneH, zoneC }) {
      for (let row = 0; row < rows; row++) {
        for (let j = 0; j < H; j++) {
          const s = row * H + j;
          const { next, values, squashed } = unit(a, row * gates.length * H + j, H, c[s]!, seeing(weights, H, j));
          c[s] = zoneOut(zoneC?.[s] ?? zoneoutC, c[s]!, next);
          h[s] = zoneOut(zoneH?.[s] ?? zoneoutH, h[s]!, values.o * squashed);
        }
      }
    },

    backward({ rows, size: H, a, cPrevious, dh, dc, peepholes: weights, dPeepholes, zoneH, zoneC }) {
      for (let row = 0; row < rows; row++) {
        for (let j = 0; j < H; j++) {
          const s = row * H + j;
          const p = row * gates.length * H + j;
          const c = cPrevious[s]!;
          const see = seeing(weights, H, j);
          const { sums, values, cSum, next, squashed } = unit(a, p, H, c, see);
          const [shareH, shareC] = [zoneH?.[s] ?? zoneoutH, zoneC?.[s] ?? zoneoutC];
          const dH = (1 - shareH) * dh[s]!;
          const dO = f('o').backward(sums.o, dH * squashed);
          const dNext = (1 - shareC) * dc[s]! + squash.backward(next, dH * values.o) + dO * see('o');
          const d = Math.abs(cSum) > cellClip ? 0 : dNext;
          const dInput = d * values.g - (coupled === 'f' ? d * c : 0);
          const dForget = d * c - (coupled === 'i' ? d * values.g : 0);
          const dI = coupled === 'i' ? 0 : f('i').backward(sums.i, dInput);
          const dF = coupled === 'f' ? 0 : f('f').backward(sums.f, dForget);
          const da = { i: dI, f: dF, g: f('g').backward(sums.g, d * values.i), o: dO };
          for (const [index, gate] of gates.entries()) a[p + index * H] = da[gate as keyof typeof da];
          const seen = { i: dI * c, f: dF * c, o: dO * next };
          for (const [index, gate] of peepholes.entries()) dPeepholes[index * H + j]! += seen[gate];
          dh[s]! *= shareH;
          dc[s] = shareC * dc[s]! + d * values.f + dI * see('i') + dF * see('f');
        }
      }
    },
  };
}
