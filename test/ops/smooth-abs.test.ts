import { expect } from 'chai';
import { smoothAbs } from '../../lib/ops/smooth-abs.ts';
import { Recording } from '../../lib/program/recording.ts';
import { checkGradients } from './check-gradients.ts';
import { drawn } from './drawn.ts';
import { evaluate, reals } from './evaluate.ts';

describe('smoothAbs', () => {
  it('is a parabola within beta and a straight line beyond', () => {
    const { y } = evaluate({ x: reals([6], [-3, -0.5, -0.25, 0, 0.1, 2]) }, ({ x }) => ({
      y: smoothAbs(x!, { beta: 0.5 }),
    }));
    expect(y![0]).to.equal(2.75);
    expect(y!.slice(1, 4)).to.deep.equal([0.25, 0.0625, 0]);
    expect(y![4]).to.be.closeTo(0.01, 1e-16);
    expect(y![5]).to.equal(1.75);
  });

  it('with beta 0 is the absolute value', () => {
    const { y } = evaluate({ x: reals([3], [-3, 0, 2]) }, ({ x }) => ({ y: smoothAbs(x!, { beta: 0 }) }));
    expect(y).to.deep.equal([3, 0, 2]);
  });

  for (const beta of [0, 0.3, 5])
    it(`has the gradient of finite differences with beta ${beta}`, () => {
      checkGradients({ inputs: { x: drawn([3, 7]) }, build: ({ x }) => ({ y: smoothAbs(x!, { beta }) }) });
    });

  it('refuses a beta below 0', () => {
    const x = new Recording('train').feed('x', [2]);
    expect(() => smoothAbs(x, { beta: -1 }))
      .to.throw(RangeError, 'beta must be a number of at least 0, got -1')
      .with.property('code', 'ERR_ARGUMENT');
  });
});
