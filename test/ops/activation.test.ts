import { expect } from 'chai';
import { type Activation, activationFunctions } from '../../lib/activations.ts';
import { activate } from '../../lib/ops/activation.ts';
import { Recording } from '../../lib/program/recording.ts';
import { checkGradients } from './check-gradients.ts';
import { drawn } from './drawn.ts';
import { evaluate, reals } from './evaluate.ts';

describe('activate', () => {
  const names = Object.keys(activationFunctions) as (keyof typeof activationFunctions)[];
  const e = Math.E;
  const expected: readonly (readonly [Activation, readonly number[]])[] = [
    [{ name: 'affine', alpha: 2, beta: 1 }, [-3, 1, 3]],
    [{ name: 'elu', alpha: 2 }, [2 * (e ** -2 - 1), 0, 1]],
    ['hardSigmoid', [0.1, 0.5, 0.7]],
    [{ name: 'hardSigmoid', alpha: 1 / 6 }, [1 / 6, 0.5, 2 / 3]],
    ['identity', [-2, 0, 1]],
    [{ name: 'leakyRelu', alpha: 0.25 }, [-0.5, 0, 1]],
    ['relu', [0, 0, 1]],
    [{ name: 'scaledTanh', alpha: 2, beta: 0.5 }, [2 * Math.tanh(-1), 0, 2 * Math.tanh(0.5)]],
    ['sigmoid', [1 / (1 + e ** 2), 0.5, e / (1 + e)]],
    ['softplus', [Math.log(1 + e ** -2), Math.log(2), Math.log(1 + e)]],
    ['softsign', [-2 / 3, 0, 0.5]],
    ['tanh', [Math.tanh(-2), 0, Math.tanh(1)]],
    ['thresholdedRelu', [0, 0, 1]],
    [{ name: 'thresholdedRelu', alpha: -1 }, [0, 0, 1]],
  ];

  for (const [activation, values] of expected)
    it(`${JSON.stringify(activation)} is what its equation says`, () => {
      const { y } = evaluate({ x: reals([3], [-2, 0, 1]) }, ({ x }) => ({ y: activate(x!, activation) }));
      for (const [index, value] of values.entries()) expect(y![index]).to.be.closeTo(value, 1e-15);
    });

  it('every activation is among them', () => {
    const named = expected.map(([activation]) => (typeof activation === 'string' ? activation : activation.name));
    expect([...new Set(named)]).to.deep.equal(names);
  });

  for (const name of names)
    it(`${name} has the gradient of finite differences`, () => {
      const activation = { name, alpha: 0.3, beta: 0.4 };
      checkGradients({ inputs: { x: drawn([3, 7]) }, build: ({ x }) => ({ y: activate(x!, activation) }) });
    });

  it('refuses what is no activation', () => {
    const x = new Recording('train').feed('x', [2]);
    expect(() => activate(x, 'gelu' as Activation))
      .to.throw(RangeError, 'activation: there is no activation gelu; there are affine, elu')
      .with.property('code', 'ERR_ARGUMENT');
    expect(() => activate(x, { name: 'elu', alpha: Number.NaN }))
      .to.throw(RangeError, 'alpha of elu must be a finite number, got NaN')
      .with.property('code', 'ERR_ARGUMENT');
  });
});
