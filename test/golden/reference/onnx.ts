// ONNX's recurrent operators as their schemas describe them, one sequence, one step and one unit at a time: nothing here is shared with
// the code under test.

export type Arrays = Readonly<Record<string, readonly number[]>>;

export interface OnnxConfig {
  readonly op_type: 'RNN' | 'GRU' | 'LSTM';
  readonly attributes: {
    readonly hidden_size: number;
    readonly direction?: string;
    readonly layout?: number;
    readonly clip?: number;
    readonly activations?: readonly string[];
    readonly activation_alpha?: readonly number[];
    readonly activation_beta?: readonly number[];
    readonly linear_before_reset?: number;
    readonly input_forget?: number;
  };
}

type F = (x: number) => number;
type Takes = Readonly<{ alpha?: number; beta?: number }>;

const sigmoid: F = x => 1 / (1 + Math.exp(-x));
/** Each with the defaults of the numbers that it takes. */
const functions: Readonly<Record<string, readonly [Takes, (alpha: number, beta: number) => F]>> = {
  affine: [{ alpha: 1, beta: 0 }, (alpha, beta) => x => alpha * x + beta],
  elu: [{ alpha: 1 }, alpha => x => (x >= 0 ? x : alpha * (Math.exp(x) - 1))],
  hardsigmoid: [{ alpha: 0.2, beta: 0.5 }, (alpha, beta) => x => Math.min(Math.max(alpha * x + beta, 0), 1)],
  leakyrelu: [{ alpha: 0.01 }, alpha => x => (x >= 0 ? x : alpha * x)],
  relu: [{}, () => x => Math.max(x, 0)],
  scaledtanh: [{ alpha: 1, beta: 1 }, (alpha, beta) => x => alpha * Math.tanh(beta * x)],
  sigmoid: [{}, () => sigmoid],
  softplus: [{}, () => x => Math.log(1 + Math.exp(x))],
  softsign: [{}, () => x => x / (1 + Math.abs(x))],
  tanh: [{}, () => Math.tanh],
  thresholdedrelu: [{ alpha: 1 }, alpha => x => (x >= alpha ? x : 0)],
};
const usual = { RNN: ['Tanh'], GRU: ['Sigmoid', 'Tanh'], LSTM: ['Sigmoid', 'Tanh', 'Tanh'] };

/** @param sizes steps, batch and features of X */
export function onnxReference(
  { op_type, attributes }: OnnxConfig,
  { X, W, R, B, P, sequence_lens, initial_h, initial_c }: Arrays,
  { T, N, I }: { readonly T: number; readonly N: number; readonly I: number },
): Record<'Y' | 'Y_h' | 'Y_c', number[]> {
  const { hidden_size: H, direction = 'forward', layout = 0, clip = Number.POSITIVE_INFINITY } = attributes;
  const D = direction === 'bidirectional' ? 2 : 1;
  const G = { RNN: 1, GRU: 3, LSTM: 4 }[op_type];
  const names = attributes.activations ?? Array.from({ length: D }, () => usual[op_type]).flat();
  const next = { alpha: 0, beta: 0 };
  const given = { alpha: attributes.activation_alpha ?? [], beta: attributes.activation_beta ?? [] };
  const take = (which: 'alpha' | 'beta', otherwise: number | undefined) =>
    otherwise === undefined ? 0 : (given[which][next[which]++] ?? otherwise);
  const all = names.map(name => {
    const [takes, make] = functions[name.toLowerCase()]!;
    return make(take('alpha', takes.alpha), take('beta', takes.beta));
  });
  const bound: F = x => Math.max(Math.min(x, clip), -clip);
  const stateAt = (n: number, d: number, k: number) => (layout === 1 ? (n * D + d) * H + k : (d * N + n) * H + k);
  const Y = new Array<number>(T * D * N * H).fill(0);
  const Y_h = new Array<number>(D * N * H);
  const Y_c = new Array<number>(D * N * H);
  const units = Array.from({ length: H }, (_, k) => k);

  for (let d = 0; d < D; d++)
    for (let n = 0; n < N; n++) {
      const [f, g, last] = all.slice((d * all.length) / D) as [F, F, F];
      const length = sequence_lens?.[n] ?? T;
      let h = units.map(k => initial_h?.[stateAt(n, d, k)] ?? 0);
      let c = units.map(k => initial_c?.[stateAt(n, d, k)] ?? 0);
      for (let step = 0; step < length; step++) {
        const t = direction === 'reverse' || d === 1 ? length - 1 - step : step;
        const fromInput = (gate: number, k: number) => {
          let sum = B?.[(d * 2 * G + gate) * H + k] ?? 0;
          for (let i = 0; i < I; i++)
            sum += X![(layout === 1 ? n * T + t : t * N + n) * I + i]! * W![((d * G + gate) * H + k) * I + i]!;
          return sum;
        };
        const fromState = (gate: number, k: number, state = h) => {
          let sum = B?.[(d * 2 * G + G + gate) * H + k] ?? 0;
          for (let j = 0; j < H; j++) sum += state[j]! * R![((d * G + gate) * H + k) * H + j]!;
          return sum;
        };
        const a = (gate: number, k: number) => fromInput(gate, k) + fromState(gate, k);
        const p = (row: number, k: number, cell: readonly number[]) => (P?.[(d * 3 + row) * H + k] ?? 0) * cell[k]!;
        if (op_type === 'RNN') h = units.map(k => f(bound(a(0, k))));
        if (op_type === 'GRU') {
          const r = units.map(k => f(bound(a(1, k))));
          const reset = units.map(k => r[k]! * h[k]!);
          h = units.map(k => {
            const z = f(bound(a(0, k)));
            const candidate = attributes.linear_before_reset === 1 ? r[k]! * fromState(2, k) : fromState(2, k, reset);
            return (1 - z) * g(bound(fromInput(2, k) + candidate)) + z * h[k]!;
          });
        }
        if (op_type === 'LSTM') {
          const cell = units.map(k => {
            const i = f(bound(a(0, k) + p(0, k, c)));
            const forget = attributes.input_forget === 1 ? 1 - i : f(bound(a(2, k) + p(2, k, c)));
            return forget * c[k]! + i * g(bound(a(3, k)));
          });
          h = units.map(k => f(bound(a(1, k) + p(1, k, cell))) * last(cell[k]!));
          c = cell;
        }
        for (const k of units) Y[layout === 1 ? ((n * T + t) * D + d) * H + k : ((t * D + d) * N + n) * H + k] = h[k]!;
      }
      for (const k of units) {
        Y_h[stateAt(n, d, k)] = h[k]!;
        Y_c[stateAt(n, d, k)] = c[k]!;
      }
    }
  return { Y, Y_h, Y_c };
}
