import { expect } from 'chai';
import {
  add,
  constant,
  dot,
  exp,
  log,
  multiply,
  relu,
  scale,
  sigmoid,
  softplus,
  subtract,
  sum,
  tanh,
  Value,
} from './value.ts';

const functions: Readonly<Record<string, (...inputs: Value[]) => Value>> = {
  add: (a, b) => add(a!, b!),
  subtract: (a, b) => subtract(a!, b!),
  multiply: (a, b) => multiply(a!, b!),
  scale: a => scale(a!, -3),
  exp: a => exp(a!),
  log: a => log(exp(a!)),
  tanh: a => tanh(a!),
  relu: a => relu(a!),
  sigmoid: a => sigmoid(a!),
  softplus: a => softplus(a!),
  sum: (a, b) => sum([a!, b!, a!]),
  dot: (a, b) => dot([a!, b!, b!], [b!, constant(2), b!]),
  'a value that is used twice': a => multiply(tanh(a!), add(a!, sigmoid(a!))),
};

describe('Value', () => {
  for (const [name, compute] of Object.entries(functions))
    it(`differentiates ${name} as finite differences do`, () => {
      for (const at of [
        [0.7, -1.3],
        [-0.4, 2.1],
      ]) {
        const inputs = at.map(constant);
        Value.backward([{ of: compute(...inputs), seed: 1.5 }]);
        inputs.forEach(({ gradient }, index) => {
          const shifted = (by: number) => compute(...at.map((x, i) => constant(i === index ? x + by : x))).value;
          expect(gradient).to.be.closeTo((1.5 * (shifted(1e-6) - shifted(-1e-6))) / 2e-6, 1e-8);
        });
      }
    });

  it('adds up what arrives in several calls', () => {
    const x = constant(3);
    Value.backward([{ of: scale(x, 2), seed: 1 }]);
    Value.backward([{ of: scale(x, 5), seed: 10 }]);
    expect(x.gradient).to.equal(52);
  });
});
