import { expect } from 'chai';
import { activate } from '../../lib/ops/activation.ts';
import { exp } from '../../lib/ops/exp.ts';
import { log } from '../../lib/ops/log.ts';
import { positive } from '../../lib/ops/positive.ts';
import { relu } from '../../lib/ops/relu.ts';
import { scale } from '../../lib/ops/scale.ts';
import { sigmoid } from '../../lib/ops/sigmoid.ts';
import { sqrt } from '../../lib/ops/sqrt.ts';
import { square } from '../../lib/ops/square.ts';
import { tanh } from '../../lib/ops/tanh.ts';
import type { Tensor } from '../../lib/program/tensor.ts';
import { checkGradients } from './check-gradients.ts';
import { drawn } from './drawn.ts';
import { evaluate, reals } from './evaluate.ts';

interface Case {
  readonly op: (x: Tensor) => Tensor;
  /** x and y by hand. */
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly range?: readonly [number, number];
}

const cases: Readonly<Record<string, Case>> = {
  exp: { op: exp, x: [0, 1, -2], y: [1, Math.E, 0.1353352832366127] },
  log: { op: log, x: [1, 2, 0.5, 0], y: [0, Math.LN2, -Math.LN2, Number.NEGATIVE_INFINITY], range: [0.3, 3] },
  relu: { op: relu, x: [-2, -0.5, 0, 3], y: [0, 0, 0, 3] },
  sigmoid: { op: sigmoid, x: [0, 2, -2, -1000, 1000], y: [0.5, 0.8807970779778823, 0.11920292202211755, 0, 1] },
  softplus: {
    op: x => activate(x, 'softplus'),
    x: [0, 2, -2, 1000, -1000, -40],
    y: [Math.LN2, 2.1269280110429727, 0.1269280110429725, 1000, 0, 4.248354255291589e-18],
  },
  sqrt: { op: sqrt, x: [0, 4, 2], y: [0, 2, Math.SQRT2], range: [0.3, 3] },
  square: { op: square, x: [0, -3, 1.5], y: [0, 9, 2.25] },
  tanh: { op: tanh, x: [0, 1, -1, 50], y: [0, 0.7615941559557649, -0.7615941559557649, 1] },
  scale: { op: x => scale(x, -2, 0.5), x: [0, 1, -3], y: [0.5, -1.5, 6.5] },
};

for (const [name, { op, x, y, range }] of Object.entries(cases))
  describe(name, () => {
    it('has its values', () => {
      const { y: found } = evaluate({ x: reals([x.length], x) }, ({ x }) => ({ y: op(x!) }));
      found!.forEach((value, k) => {
        expect(value === y[k] || Math.abs(value - y[k]!) < 1e-15, `${name}(${x[k]}) is ${value}`).to.equal(true);
      });
    });

    for (const shape of [[], [7], [2, 3, 4]])
      it(`has the gradient of finite differences on [${shape}]`, () => {
        checkGradients({ inputs: { x: drawn(shape, range) }, build: ({ x }) => ({ y: op(x!) }) });
      });
  });

describe('positive', () => {
  it('is 1 above 0 and 0 elsewhere, and lets no gradient through', () => {
    const { y } = evaluate({ x: reals([3], [-1, 0, 2]) }, ({ x }) => ({ y: positive(x!) }));
    expect(y).to.deep.equal([0, 0, 1]);
    checkGradients({ inputs: { x: drawn([5]) }, build: ({ x }) => ({ y: positive(x!) }) });
  });
});
