import { expect } from 'chai';
import type { Backend } from '../../../lib/backend/backend.ts';
import { activate } from '../../../lib/ops/activation.ts';
import { exp } from '../../../lib/ops/exp.ts';
import { log } from '../../../lib/ops/log.ts';
import { positive } from '../../../lib/ops/positive.ts';
import { relu } from '../../../lib/ops/relu.ts';
import { sigmoid } from '../../../lib/ops/sigmoid.ts';
import { sqrt } from '../../../lib/ops/sqrt.ts';
import { square } from '../../../lib/ops/square.ts';
import { tanh } from '../../../lib/ops/tanh.ts';
import { record } from '../../../lib/program/recording.ts';
import { describeEverywhere } from './everywhere.ts';

const logistic = (x: number) => 1 / (1 + Math.exp(-x));
const logOfOnePlusExp = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const smallestNormal = 2 ** -126;
const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

const program = record(r => {
  const x = r.feed('x', ['batch']);
  return {
    exp: exp(x),
    log: log(x),
    positive: positive(x),
    relu: relu(x),
    sigmoid: sigmoid(x),
    softplus: activate(x, 'softplus'),
    sqrt: sqrt(x),
    square: square(x),
    tanh: tanh(x),
  };
});

describeEverywhere('activations of the native backend', everywhere => {
  const run = (backend: Backend, x: Float32Array) =>
    backend.load(program, {}).runSync({ sizes: { batch: x.length }, values: { x } }) as Record<string, Float32Array>;

  const bounds = [
    { name: 'exp', of: Math.exp, from: -87.3, to: 88.7, ulps: 1.1 },
    { name: 'sigmoid', of: logistic, from: -87, to: 100, ulps: 2.5 },
    { name: 'softplus', of: logOfOnePlusExp, from: -87, to: 3.4e38, ulps: 2.5 },
    { name: 'tanh', of: Math.tanh, from: -100, to: 100, ulps: 2.5 },
    { name: 'log', of: Math.log, from: smallestNormal, to: 3.4e38, ulps: 1 },
    { name: 'sqrt', of: Math.sqrt, from: 0, to: 3.4e38, ulps: 0.5 },
  ];
  for (const { name, of, from, to, ulps } of bounds)
    it(`${name} is within ${ulps} ulp of the exact value from ${from} to ${to}`, () => {
      const x = normalFloats().filter(value => value >= from && value <= to);
      const y = run(everywhere().natives[0]!, x)[name]!;
      let worst = 0;
      let at = 0;
      x.forEach((value, i) => {
        const exact = of(value);
        const error = Math.abs(y[i]! - exact) / ulp(exact);
        if (!Number.isNaN(worst) && !(error <= worst)) [worst, at] = [error, value];
      });
      expect(worst, `${name}(${at})`).to.be.at.most(ulps);
    });

  it('meet their limits exactly and hand NaN on', () => {
    const x = Float32Array.of(0, -0, 89, 1000, infinity, -105, -1000, -infinity, nan, -1);
    const expected: Record<string, readonly number[]> = {
      exp: [1, 1, infinity, infinity, infinity, 0, 0, 0, nan, Math.fround(Math.exp(-1))],
      log: [
        -infinity,
        -infinity,
        Math.fround(Math.log(89)),
        Math.fround(Math.log(1000)),
        infinity,
        nan,
        nan,
        nan,
        nan,
        nan,
      ],
      positive: [0, 0, 1, 1, 1, 0, 0, 0, 0, 0],
      relu: [0, 0, 89, 1000, infinity, 0, 0, 0, nan, 0],
      sigmoid: [0.5, 0.5, 1, 1, 1, 0, 0, 0, nan, Math.fround(logistic(-1))],
      softplus: [Math.LN2, Math.LN2, 89, 1000, infinity, 0, 0, 0, nan, Math.fround(logOfOnePlusExp(-1))],
      sqrt: [0, 0, Math.fround(Math.sqrt(89)), Math.fround(Math.sqrt(1000)), infinity, nan, nan, nan, nan, nan],
      square: [0, 0, 89 ** 2, 1e6, infinity, 105 ** 2, 1e6, infinity, nan, 1],
      tanh: [0, 0, 1, 1, 1, -1, -1, -1, nan, Math.fround(Math.tanh(-1))],
    };
    for (const backend of everywhere().natives) {
      const results = run(backend, x);
      for (const [name, values] of Object.entries(expected))
        values.forEach((value, i) => {
          const got = results[name]![i]!;
          const what = `${name}(${x[i]}) on ${backend.isa}`;
          if (!Number.isFinite(value)) expect(got, what).to.deep.equal(value);
          else expect(got, what).to.be.closeTo(value, 2 * ulp(value));
        });
    }
  });
});

/** Every 9973rd of the normal float32 numbers. */
function normalFloats(): Float32Array {
  const bits = Uint32Array.from({ length: Math.floor(2 ** 32 / 9973) }, (_, i) => i * 9973);
  return new Float32Array(bits.buffer).filter(value => Number.isFinite(value) && Math.abs(value) >= smallestNormal);
}

/** The distance of float32 numbers around a value. */
function ulp(value: number): number {
  return 2 ** Math.max(Math.floor(Math.log2(Math.abs(value))) - 23, -149);
}
