import {
  add,
  clip,
  constant,
  dot,
  exp,
  log,
  multiply,
  relu,
  scale,
  sigmoid,
  subtract,
  sum,
  tanh,
  type Value,
} from './value.ts';

/** Options as in the manifest of golden vectors. */
export interface RecurrentConfig {
  readonly cell: 'rnn' | 'gru' | 'lstm';
  readonly hidden_size: number;
  readonly num_layers: number;
  readonly direction: 'forward' | 'reverse' | 'bidirectional';
  readonly nonlinearity?: 'tanh' | 'relu';
  readonly reset?: 'after' | 'before';
  readonly update?: 'keep' | 'take';
  readonly proj_size?: number;
  readonly proj_clip?: number;
  readonly cell_clip?: number;
  readonly forget_bias?: number;
  readonly layer_norm?: 'joint' | 'per_gate';
  readonly layer_norm_eps?: number;
  /** Whether `counts` of the network says which steps count. */
  readonly mask?: boolean;
  /** What y is where a step does not count. */
  readonly padding_output?: 'zero' | 'hold';
}

export interface Network {
  /** A parameter, flat and row-major as in the files; undefined where the network has none of that name. */
  readonly parameter: (name: string) => readonly Value[] | undefined;
  /** Initial states of row layer·directions + direction, sequence b; zeros where undefined. */
  readonly h?: (row: number, b: number) => readonly Value[];
  readonly c?: (row: number, b: number) => readonly Value[];
  /** Factors of what a layer passes on at step t of sequence b. */
  readonly dropout?: (layer: number, t: number, b: number) => readonly Value[];
  /** Factors of x and of h at every step of sequence b. */
  readonly maskX?: (b: number) => readonly Value[];
  readonly maskH?: (b: number) => readonly Value[];
  /** Whether step t of sequence b counts; one that does not leaves states as they were. */
  readonly counts?: (t: number, b: number) => boolean;
}

interface State {
  readonly h: readonly Value[];
  readonly c: readonly Value[];
}

/** Features of step t of sequence b: input[b][t]; a sequence is as long as its array. */
export type Sequences = readonly (readonly (readonly Value[])[])[];

/** All layers over all sequences; the states are by row layer·directions + direction, then by sequence. */
export function recurrent(config: RecurrentConfig, input: Sequences, network: Network) {
  const { hidden_size, num_layers, direction } = config;
  const halves = direction === 'bidirectional' ? ['forward', 'reverse'] : [direction];
  const zeros = (size: number) => Array.from({ length: size }, () => constant(0));
  const last: State[][] = [];
  let x = input;
  for (let layer = 0; layer < num_layers; layer++) {
    const outputs = halves.map((half, d) => {
      const row = layer * halves.length + d;
      const suffix = `l${layer}${d === 1 ? '_reverse' : ''}`;
      const results = x.map((sequence, b) => {
        const initial = {
          h: network.h?.(row, b) ?? zeros(config.proj_size ?? hidden_size),
          c: network.c?.(row, b) ?? zeros(hidden_size),
        };
        return run(config, half === 'reverse', sequence, initial, {
          size: hidden_size,
          weight: name => network.parameter(`${name}_${suffix}`),
          maskX: network.maskX?.(b),
          maskH: network.maskH?.(b),
          counts: t => network.counts?.(t, b) ?? true,
        });
      });
      last.push(results.map(({ state }) => state));
      return results.map(({ y }) => y);
    });
    const { dropout } = network;
    x = x.map((sequence, b) =>
      sequence.map((_, t) => {
        const y = outputs.flatMap(half => half[b]![t]!);
        return dropout && layer + 1 < num_layers ? times(y, dropout(layer, t, b)) : y;
      }),
    );
  }
  return { y: x, states: last };
}

interface Layer {
  readonly size: number;
  readonly weight: (name: string) => readonly Value[] | undefined;
  readonly maskX: readonly Value[] | undefined;
  readonly maskH: readonly Value[] | undefined;
  readonly counts: (t: number) => boolean;
}

/** One layer in one direction over one sequence. */
function run(
  config: RecurrentConfig,
  reverse: boolean,
  x: readonly (readonly Value[])[],
  initial: State,
  layer: Layer,
) {
  const y: (readonly Value[])[] = new Array(x.length);
  let state = initial;
  for (let step = 0; step < x.length; step++) {
    const t = reverse ? x.length - 1 - step : step;
    const counts = layer.counts(t);
    if (counts) state = steps[config.cell](config, times(x[t]!, layer.maskX), state, layer);
    y[t] = counts || config.padding_output === 'hold' ? state.h : state.h.map(() => constant(0));
  }
  return { y, state };
}

type Step = (config: RecurrentConfig, x: readonly Value[], state: State, layer: Layer) => State;

const steps: Readonly<Record<RecurrentConfig['cell'], Step>> = {
  rnn({ nonlinearity }, x, { h, c }, layer) {
    const a = vectorAdd(fromInput(layer, x, 0), fromState(layer, times(h, layer.maskH), 0));
    return { h: a.map(nonlinearity === 'relu' ? relu : tanh), c };
  },

  gru({ reset, update }, x, { h, c }, layer) {
    const masked = times(h, layer.maskH);
    const r = vectorAdd(fromInput(layer, x, 0), fromState(layer, masked, 0)).map(sigmoid);
    const z = vectorAdd(fromInput(layer, x, 1), fromState(layer, masked, 1)).map(sigmoid);
    const recurrentPart =
      reset === 'after' ? times(fromState(layer, masked, 2), r) : fromState(layer, times(masked, r), 2);
    const n = vectorAdd(fromInput(layer, x, 2), recurrentPart).map(tanh);
    const open = z.map(gate => subtract(constant(1), gate));
    const [old, fresh] = update === 'take' ? [open, z] : [z, open];
    return { h: vectorAdd(times(h, old), times(n, fresh)), c };
  },

  lstm(config, x, { h, c }, layer) {
    const { layer_norm, forget_bias = 0, cell_clip, proj_clip } = config;
    const norm = (v: readonly Value[], name: string, part = 0) => {
      const [gain, shift] = ['gain', 'shift'].map(what =>
        layer.weight(`ln_${name}_${what}`)!.slice(part * v.length, (part + 1) * v.length),
      );
      return vectorAdd(times(normalized(v, config.layer_norm_eps!), gain), shift!);
    };
    const units = (all: readonly Value[], gate: number) => all.slice(gate * layer.size, (gate + 1) * layer.size);
    const masked = times(h, layer.maskH);
    const preActivations = (): readonly Value[][] => {
      if (layer_norm !== 'joint') {
        const a = [0, 1, 2, 3].map(gate => vectorAdd(fromInput(layer, x, gate), fromState(layer, masked, gate)));
        return layer_norm ? a.map((values, gate) => norm(values, 'gate', gate)) : a;
      }
      const products = (name: string, v: readonly Value[]) =>
        [0, 1, 2, 3].flatMap(gate => affine(layer.weight(`weight_${name}`)!, undefined, v, gate, layer.size));
      const biases = ['bias_ih', 'bias_hh'].flatMap(name => layer.weight(name) ?? []);
      const sums = vectorAdd(norm(products('ih', x), 'ih'), norm(products('hh', masked), 'hh'));
      const a = [biases.slice(0, sums.length), biases.slice(sums.length)].reduce<readonly Value[]>(
        (sum, bias) => (bias.length > 0 ? vectorAdd(sum, bias) : sum),
        sums,
      );
      return [0, 1, 2, 3].map(gate => units(a, gate));
    };
    const [i, f, g, o] = preActivations().map((a, gate) =>
      a.map(value => [sigmoid, (v: Value) => sigmoid(add(v, constant(forget_bias))), tanh, sigmoid][gate]!(value)),
    ) as [Value[], Value[], Value[], Value[]];
    const kept = vectorAdd(times(c, f), times(i, g));
    const clipped = cell_clip ? kept.map(value => clip(value, cell_clip)) : kept;
    const next = layer_norm === 'per_gate' ? norm(clipped, 'c') : clipped;
    const open = times((layer_norm === 'joint' ? norm(next, 'c') : next).map(tanh), o);
    const projection = layer.weight('weight_hr');
    if (!projection) return { h: open, c: next };
    const projected = affine(projection, undefined, open, 0, config.proj_size!);
    return { h: proj_clip ? projected.map(value => clip(value, proj_clip)) : projected, c: next };
  },
};

/** (v − mean)/√(variance + epsilon) */
function normalized(v: readonly Value[], epsilon: number): Value[] {
  const mean = scale(sum(v), 1 / v.length);
  const centred = v.map(value => subtract(value, mean));
  const variance = scale(dot(centred, centred), 1 / v.length);
  const inverse = exp(scale(log(add(variance, constant(epsilon))), -0.5));
  return centred.map(value => multiply(value, inverse));
}

/** Rows of the gate of W·x + b_ih. */
function fromInput({ weight, size }: Layer, x: readonly Value[], gate: number): Value[] {
  return affine(weight('weight_ih')!, weight('bias_ih'), x, gate, size);
}

/** Rows of the gate of U·h + b_hh. */
function fromState({ weight, size }: Layer, h: readonly Value[], gate: number): Value[] {
  return affine(weight('weight_hh')!, weight('bias_hh'), h, gate, size);
}

function affine(
  matrix: readonly Value[],
  bias: readonly Value[] | undefined,
  v: readonly Value[],
  gate: number,
  size: number,
): Value[] {
  return Array.from({ length: size }, (_, unit) => {
    const row = gate * size + unit;
    const product = dot(matrix.slice(row * v.length, (row + 1) * v.length), v);
    return bias ? add(product, bias[row]!) : product;
  });
}

export function vectorAdd(a: readonly Value[], b: readonly Value[]): Value[] {
  return a.map((value, index) => add(value, b[index]!));
}

export function times(a: readonly Value[], b: readonly Value[] | undefined): readonly Value[] {
  return b ? a.map((value, index) => multiply(value, b[index]!)) : a;
}
