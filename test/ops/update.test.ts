import { expect } from 'chai';
import { js } from '../../lib/backend/js-backend.ts';
import { add } from '../../lib/ops/add.ts';
import { globalNorm } from '../../lib/ops/global-norm.ts';
import { tableRows } from '../../lib/ops/merge-rows.ts';
import { scatterAdd } from '../../lib/ops/scatter-add.ts';
import { adadelta } from '../../lib/optimizers/adadelta.ts';
import { adagrad } from '../../lib/optimizers/adagrad.ts';
import { adam, adamw } from '../../lib/optimizers/adam.ts';
import { adamax } from '../../lib/optimizers/adamax.ts';
import { nadam } from '../../lib/optimizers/nadam.ts';
import { type Optimizer, recordUpdate } from '../../lib/optimizers/optimizer.ts';
import { rmsprop } from '../../lib/optimizers/rmsprop.ts';
import { sgd } from '../../lib/optimizers/sgd.ts';
import { Recording } from '../../lib/program/recording.ts';
import { Numbers } from '../backend/conformance/numbers.ts';

const n = 5;
const steps = 4;
const rate = 0.1;

/** One parameter's update as its paper has it: from the gradient, the step number t from 1 and its state to what p becomes. */
type Rule = (p: number, g: number, t: number, state: Record<string, number>) => number;

const cases: readonly (readonly [string, Optimizer, Rule])[] = [
  ['sgd', sgd(), (p, g) => p - rate * g],
  [
    'sgd with momentum and dampening',
    sgd({ momentum: 0.9, dampening: 0.5 }),
    (p, g, t, state) => p - rate * (state.b = t === 1 ? g : 0.9 * state.b! + 0.5 * g),
  ],
  [
    'sgd with Nesterov momentum',
    sgd({ momentum: 0.9, nesterov: true }),
    (p, g, t, state) => {
      state.b = t === 1 ? g : 0.9 * state.b! + g;
      return p - rate * (g + 0.9 * state.b);
    },
  ],
  ['sgd with weight decay, uphill', sgd({ weightDecay: 0.3, maximize: true }), (p, g) => p - rate * (-g + 0.3 * p)],
  [
    'sgd with clipped values',
    sgd({ clipValue: 0.25 }),
    (p, g) => p - rate * Math.sign(g) * Math.min(Math.abs(g), 0.25),
  ],
  ['adam', adam({ beta1: 0.8, beta2: 0.95, epsilon: 1e-3 }), adamRule({})],
  [
    'adam with weight decay',
    adam({ beta1: 0.8, beta2: 0.95, epsilon: 1e-3, weightDecay: 0.2 }),
    adamRule({ decay: 0.2 }),
  ],
  ['amsgrad', adam({ beta1: 0.8, beta2: 0.95, epsilon: 1e-3, amsgrad: true }), adamRule({ amsgrad: true })],
  ['adamw', adamw({ beta1: 0.8, beta2: 0.95, epsilon: 1e-3, weightDecay: 0.2 }), adamRule({ decoupled: 0.2 })],
  [
    'rmsprop',
    rmsprop({ alpha: 0.8, epsilon: 1e-3 }),
    (p, g, _, state) => {
      state.v = 0.8 * (state.v ?? 0) + 0.2 * g * g;
      return p - (rate * g) / (Math.sqrt(state.v) + 1e-3);
    },
  ],
  [
    'rmsprop, centered, with momentum',
    rmsprop({ alpha: 0.8, epsilon: 1e-3, momentum: 0.5, centered: true }),
    (p, g, _, state) => {
      state.v = 0.8 * (state.v ?? 0) + 0.2 * g * g;
      state.a = 0.8 * (state.a ?? 0) + 0.2 * g;
      state.b = 0.5 * (state.b ?? 0) + g / (Math.sqrt(state.v - state.a ** 2) + 1e-3);
      return p - rate * state.b;
    },
  ],
  [
    'adagrad',
    adagrad({ learningRateDecay: 0.5, initialAccumulator: 0.1, epsilon: 1e-3 }),
    (p, g, t, state) => {
      state.v = (state.v ?? 0.1) + g * g;
      return p - ((rate / (1 + (t - 1) * 0.5)) * g) / (Math.sqrt(state.v) + 1e-3);
    },
  ],
  [
    'adadelta',
    adadelta({ rho: 0.8, epsilon: 1e-3, weightDecay: 0.2 }),
    (p, gradient, _, state) => {
      const g = gradient + 0.2 * p;
      state.v = 0.8 * (state.v ?? 0) + 0.2 * g * g;
      const d = (Math.sqrt((state.u ?? 0) + 1e-3) / Math.sqrt(state.v + 1e-3)) * g;
      state.u = 0.8 * (state.u ?? 0) + 0.2 * d * d;
      return p - rate * d;
    },
  ],
  [
    'adamax',
    adamax({ beta1: 0.8, beta2: 0.9, epsilon: 1e-3 }),
    (p, g, t, state) => {
      state.m = 0.8 * (state.m ?? 0) + 0.2 * g;
      state.u = Math.max(0.9 * (state.u ?? 0), Math.abs(g) + 1e-3);
      return p - ((rate / (1 - 0.8 ** t)) * state.m) / state.u;
    },
  ],
  [
    'nadam',
    nadam({ beta1: 0.8, beta2: 0.95, epsilon: 1e-3, momentumDecay: 0.5 }),
    (p, g, t, state) => {
      const momentum = (i: number) => 0.8 * (1 - 0.5 * 0.96 ** (i * 0.5));
      state.product = (state.product ?? 1) * momentum(t);
      state.m = 0.8 * (state.m ?? 0) + 0.2 * g;
      state.v = 0.95 * (state.v ?? 0) + 0.05 * g * g;
      const own = ((1 - momentum(t)) / (1 - state.product)) * g;
      const mean = (momentum(t + 1) / (1 - state.product * momentum(t + 1))) * state.m;
      return p - (rate * (own + mean)) / (Math.sqrt(state.v / (1 - 0.95 ** t)) + 1e-3);
    },
  ],
];

function adamRule({ decay = 0, decoupled = 0, amsgrad = false }): Rule {
  return (before, gradient, t, state) => {
    const g = gradient + decay * before;
    const p = before * (1 - rate * decoupled);
    state.m = 0.8 * (state.m ?? 0) + 0.2 * g;
    state.v = 0.95 * (state.v ?? 0) + 0.05 * g * g;
    state.max = Math.max(state.max ?? 0, state.v);
    const m = state.m / (1 - 0.8 ** t);
    const v = (amsgrad ? state.max : state.v) / (1 - 0.95 ** t);
    return p - (rate * m) / (Math.sqrt(v) + 1e-3);
  };
}

/** The parameters after each step of a program that does nothing but update. */
function train(optimizer: Optimizer, start: Float64Array, gradients: readonly Float64Array[]): number[][] {
  const backend = js({ precision: 'float64' });
  const recording = new Recording('train');
  const view = (role: 'parameter' | 'gradient' | 'state', name: string) =>
    recording.view(role, { storage: { name, dtype: 'real', elements: n }, offset: 0, shape: [n], name });
  const gradient = view('gradient', 'gradients');
  recordUpdate(recording, optimizer, {
    parameters: view('parameter', 'parameters'),
    gradients: gradient,
    states: Object.fromEntries(optimizer.states.map(name => [name, view('state', name)])),
    norm: optimizer.options.clipNorm ? globalNorm([gradient]) : undefined,
  });
  const program = recording.finish();
  const storages = Object.fromEntries(program.storages.map(({ name }) => [name, backend.allocate('real', n)]));
  for (const [name, value] of Object.entries(optimizer.initial)) storages[name]!.array.fill(value);
  storages.parameters!.array.set(start);
  const executable = backend.load(program, storages);
  return gradients.map((values, index) => {
    storages.gradients!.array.set(values);
    const clock = Int32Array.of(index + 1, 0);
    executable.runSync({ sizes: {}, values: { clock, learningRate: Float64Array.of(rate) } });
    return [...storages.parameters!.array];
  });
}

/**
 * A table and its state after each step, its gradient added up from the rows of two readers, at `ids` and at 5 − `ids`: whole,
 * or as rows.
 */
function trainTable(optimizer: Optimizer, how: 'whole' | 'rows', start: Float64Array, batches: readonly number[][]) {
  const shape = [6, 2];
  const backend = js({ precision: 'float64' });
  const recording = new Recording('train');
  const view = (role: 'parameter' | 'state', name: string) =>
    recording.view(role, { storage: { name, dtype: 'real', elements: 12 }, offset: 0, shape, name });
  const x = recording.feed('x', ['rows', 2]);
  const readers = ['ids', 'others'].map(name => recording.feed(name, ['rows'], 'int32'));
  const whole = readers.map(ids => scatterAdd(x, ids, { rows: 6, ignore: 0 })).reduce(add);
  const gradients = how === 'rows' ? tableRows(whole)! : whole;
  recordUpdate(recording, optimizer, {
    parameters: view('parameter', 'parameters'),
    gradients,
    states: Object.fromEntries(optimizer.states.map(name => [name, view('state', name)])),
    norm: optimizer.options.clipNorm ? globalNorm([gradients].flat()) : undefined,
  });
  const program = recording.finish();
  const storages = Object.fromEntries(program.storages.map(({ name }) => [name, backend.allocate('real', 12)]));
  for (const [name, value] of Object.entries(optimizer.initial)) storages[name]!.array.fill(value);
  storages.parameters!.array.set(start);
  const executable = backend.load(program, storages);
  const numbers = new Numbers(5);
  return batches.map((ids, index) => {
    const values = {
      x: numbers.reals(2 * ids.length).map(value => Math.round(64 * value) / 64), // sums are exact in any order
      ids: Int32Array.from(ids),
      others: Int32Array.from(ids, id => 5 - id),
      clock: Int32Array.of(index + 1, 0),
      learningRate: Float64Array.of(rate),
    };
    executable.runSync({ sizes: { rows: ids.length }, values });
    return Object.fromEntries(Object.entries(storages).map(([name, { array }]) => [name, [...array]]));
  });
}

describe('optimizer updates', () => {
  const numbers = new Numbers(11);
  const start = numbers.reals(n);
  const gradients = Array.from({ length: steps }, () => numbers.reals(n));

  for (const [name, optimizer, rule] of cases)
    it(`of ${name} follow the paper`, () => {
      const found = train(optimizer, start, gradients);
      for (let k = 0; k < n; k++) {
        const state = {};
        let p = start[k]!;
        for (let t = 1; t <= steps; t++) {
          p = rule(p, gradients[t - 1]![k]!, t, state);
          expect(found[t - 1]![k], `p[${k}] after step ${t}`).to.be.closeTo(p, 1e-12);
        }
      }
    });

  const clipped = { clipNorm: 0.5, clipValue: 0.3, maximize: true };
  for (const [name, optimizer] of [
    ...cases,
    ['sgd, uphill, with both clips', sgd(clipped)] as const,
    ['adagrad, uphill, with both clips', adagrad(clipped)] as const,
    ['adagrad with weight decay', adagrad({ weightDecay: 0.1 })] as const,
  ])
    it(`of ${name} make the same of a table from its rows as from its whole gradient`, () => {
      const batches = [[4, 1, 4, 0, 5], [2], [], [1, 1, 1, 0]];
      const table = new Numbers(3).reals(12);
      const expected = trainTable(optimizer, 'whole', table, batches);
      expect(trainTable(optimizer, 'rows', table, batches)).to.deep.equal(expected);
      expect(expected[0]!.parameters).not.to.deep.equal([...table]);
    });

  for (const [name, optimizer] of [
    ['sgd', sgd()],
    ['adagrad', adagrad()],
  ] as const)
    it(`of ${name} do not so much as read the rows of a table that have no gradient`, () => {
      const table = new Float64Array(12).fill(Number.POSITIVE_INFINITY); // times 0 it would be NaN
      const [after] = trainTable(optimizer, 'rows', table.fill(1, 4, 8), [[3, 3]]);
      const touched = after!.parameters!.flatMap((value, k) => (value === Number.POSITIVE_INFINITY ? [] : [k]));
      expect(touched).to.deep.equal([4, 5, 6, 7]);
    });

  it('clip the joint norm first, then values, then turn uphill, then decay', () => {
    const [g] = gradients;
    const norm = Math.hypot(...g!);
    const options = { clipNorm: norm / 4, clipValue: 0.1, maximize: true, weightDecay: 0.5 };
    const [found] = train(sgd(options), start, [g!]);
    const scale = norm / 4 / (norm + 1e-6);
    start.forEach((p, k) => {
      const clipped = Math.min(0.1, Math.max(-0.1, g![k]! * scale));
      expect(found![k]).to.be.closeTo(p - rate * (-clipped + 0.5 * p), 1e-14);
    });
  });

  it('leave a joint norm below the limit alone', () => {
    const [g] = gradients;
    const [found] = train(sgd({ clipNorm: 100 }), start, [g!]);
    start.forEach((p, k) => {
      expect(found![k]).to.be.closeTo(p - rate * g![k]!, 1e-15);
    });
  });
});
