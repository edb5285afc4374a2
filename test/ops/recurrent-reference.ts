import type { CellName } from '../../lib/cells.ts';
import { packLayout } from '../../lib/data/ragged.ts';

// The recurrent cells as their papers have them, one sequence, one step and one unit at a time: nothing here is shared
// with the code under test.

export interface Options {
  readonly direction: 'forward' | 'backward';
  readonly activation: 'tanh' | 'relu';
  readonly reset: 'after' | 'before';
  readonly updateGate: 'keep' | 'write';
}

/** By the names of lib/ops/recurrent.ts, row-major; x is packed. */
export type Values = Readonly<Record<string, ArrayLike<number>>>;

const gateCount = { rnn: 1, gru: 3, lstm: 4 };
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

export function reference(
  cell: CellName,
  options: Options,
  values: Values,
  lengths: readonly number[],
  I: number,
  H: number,
) {
  const G = gateCount[cell];
  const { offsets, order, tokens } = packLayout(lengths);
  const y = new Array<number>(tokens * H);
  const hN: number[] = [];
  const cN: number[] = [];
  lengths.forEach((length, sequence) => {
    const rank = order.indexOf(sequence);
    const maskOf = (mask: ArrayLike<number> | undefined, gate: number, k: number, width: number) => {
      if (!mask) return 1;
      const perGate = mask.length === lengths.length * G * width;
      return perGate ? mask[(sequence * G + gate) * width + k]! : mask[sequence * width + k]!;
    };
    let h = Array.from({ length: H }, (_, j) => values.h?.[sequence * H + j] ?? 0);
    let c = Array.from({ length: H }, (_, j) => values.c?.[sequence * H + j] ?? 0);
    for (let step = 0; step < length; step++) {
      const t = options.direction === 'forward' ? step : length - 1 - step;
      const row = offsets[t]! + rank;
      const fromInput = (gate: number, j: number) => {
        let sum = values.bias?.[gate * H + j] ?? 0;
        for (let k = 0; k < I; k++)
          sum +=
            values.x![row * I + k]! * maskOf(values.maskX, gate, k, I) * values.inputWeight![k * G * H + gate * H + j]!;
        return sum;
      };
      const fromState = (gate: number, j: number, state = h) => {
        let sum = values.recurrentBias?.[gate * H + j] ?? 0;
        for (let k = 0; k < H; k++)
          sum += state[k]! * maskOf(values.maskH, gate, k, H) * values.recurrentWeight![k * G * H + gate * H + j]!;
        return sum;
      };
      const units = Array.from({ length: H }, (_, j) => j);
      const a = (gate: number, j: number) => fromInput(gate, j) + fromState(gate, j);
      if (cell === 'rnn')
        h = units.map(j => (options.activation === 'tanh' ? Math.tanh(a(0, j)) : Math.max(0, a(0, j))));
      if (cell === 'gru') {
        const r = units.map(j => sigmoid(a(0, j)));
        const gated = h.map((value, k) => r[k]! * value);
        h = units.map(j => {
          const z = sigmoid(a(1, j));
          const candidate = options.reset === 'after' ? r[j]! * fromState(2, j) : fromState(2, j, gated);
          const n = Math.tanh(fromInput(2, j) + candidate);
          return options.updateGate === 'keep' ? z * h[j]! + (1 - z) * n : (1 - z) * h[j]! + z * n;
        });
      }
      if (cell === 'lstm') {
        const cell = units.map(j => sigmoid(a(1, j)) * c[j]! + sigmoid(a(0, j)) * Math.tanh(a(2, j)));
        h = units.map(j => sigmoid(a(3, j)) * Math.tanh(cell[j]!));
        c = cell;
      }
      for (const j of units) y[row * H + j] = h[j]!;
    }
    hN.push(...h);
    cN.push(...c);
  });
  return cell === 'lstm' ? { y, hN, cN } : { y, hN };
}
