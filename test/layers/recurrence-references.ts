import type { LayerDescription } from '../../lib/layers/layer.ts';

// Recurrences as their papers write them, one sequence from zero states, in plain numbers.

/** A parameter's numbers, row-major, by its name behind the layer's. */
export type Weights = Readonly<Record<string, ArrayLike<number>>>;
type Vector = readonly number[];
type Reference = (x: readonly Vector[], weights: Weights, description: LayerDescription) => Vector[];

const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));

/** Pre-activation of unit j of a gate: x·W + b of the matrix [I, gates·size], gates side by side. */
function gate(
  x: Vector,
  { inputWeight, bias }: Weights,
  size: number,
  gates: number,
  which: number,
  j: number,
): number {
  const column = which * size + j;
  return x.reduce((sum, value, row) => sum + value * inputWeight![row * gates * size + column]!, bias?.[column] ?? 0);
}

/** Goes along a sequence unit by unit: next(h₋, x, j) is unit j's state, output(h, x, j, h₋) what the layer gives. */
function run(
  x: readonly Vector[],
  size: number,
  next: (before: number, x: Vector, j: number) => number,
  output: (state: number, x: Vector, j: number, before: number) => number = state => state,
): Vector[] {
  let states = new Array<number>(size).fill(0);
  return x.map(now => {
    const before = states;
    states = before.map((state, j) => next(state, now, j));
    return states.map((state, j) => output(state, now, j, before[j]!));
  });
}

export const references: Readonly<Record<string, Reference>> = {
  minGru: (x, w, { size }) =>
    run(x, size as number, (h, now, j) => {
      const a = (which: number) => gate(now, w, size as number, 2, which, j);
      const z = sigmoid(a(0));
      return (1 - z) * h + z * a(1);
    }),

  minLstm: (x, w, { size }) =>
    run(x, size as number, (h, now, j) => {
      const a = (which: number) => gate(now, w, size as number, 3, which, j);
      const [f, i] = [sigmoid(a(0)), sigmoid(a(1))];
      return (f / (f + i)) * h + (i / (f + i)) * a(2);
    }),

  indRnn: (x, w, { size }) =>
    run(x, size as number, (h, now, j) =>
      Math.max(0, gate(now, w, size as number, 1, 0, j) + w.recurrentWeight![j]! * h),
    ),

  sru: (x, w, { size }) => {
    const H = size as number;
    const matrices = x[0]?.length === H ? 1 : 2;
    const state = (now: Vector, which: number, j: number) =>
      gate(now, { inputWeight: w['state.inputWeight']! }, H, matrices, which, j);
    return run(
      x,
      H,
      (c, now, j) => {
        const f = sigmoid(gate(now, w, H, 2, 0, j) + w.forgetWeight![j]! * c);
        return f * c + (1 - f) * state(now, 0, j);
      },
      (c, now, j, before) => {
        const r = sigmoid(gate(now, w, H, 2, 1, j) + w.resetWeight![j]! * before);
        return r * c + (1 - r) * (matrices === 1 ? now[j]! : state(now, 1, j));
      },
    );
  },

  qrnn: (x, w, { size, window = 2, pooling = 'fo' }) => {
    const gates = pooling === 'fo' ? 3 : 4;
    const a = (now: Vector, which: number, j: number) => gate(now, w, size as number, gates, which, j);
    const nothing = x[0]?.map(() => 0) ?? [];
    const windows = x.map((_, t) =>
      Array.from({ length: window as number }, (_, back) => x[t - back] ?? nothing).flat(),
    );
    return run(
      windows,
      size as number,
      (c, now, j) => {
        const f = sigmoid(a(now, 1, j));
        return f * c + (pooling === 'fo' ? 1 - f : sigmoid(a(now, 3, j))) * Math.tanh(a(now, 0, j));
      },
      (c, now, j) => sigmoid(a(now, 2, j)) * c,
    );
  },

  rgLru: (x, w, { size }) =>
    run(x, size as number, (h, now, j) => {
      const [r, i] = [0, 1].map(which => sigmoid(gate(now, w, size as number, 2, which, j))) as [number, number];
      const a = sigmoid(w.decay![j]!) ** (8 * r);
      return a * h + Math.sqrt(1 - a ** 2) * i * now[j]!;
    }),
};
