import { expect } from 'chai';
import { clip } from '../../lib/ops/clip.ts';
import { gradients } from '../../lib/ops/gradients.ts';
import { Recording } from '../../lib/program/recording.ts';
import { checkGradients } from './check-gradients.ts';
import { drawn } from './drawn.ts';
import { evaluate, reals } from './evaluate.ts';

describe('clip', () => {
  it('holds what lies outside at the bound that is nearer, and has slope 1 within them', () => {
    const x = reals([6], [-3, -1, 0, 2, 2.5, Number.NEGATIVE_INFINITY]);
    const { y, dx } = evaluate({ x }, ({ x }, recording) => {
      const y = clip(x!, { low: -1, high: 2 });
      return { y, dx: gradients([{ of: y, gradient: recording.feed('x', [6]) }], [x!])[0]! };
    });
    expect(y).to.deep.equal([-1, -1, 0, 2, 2, -1]);
    expect(dx).to.deep.equal([0, -1, 0, 2, 0, 0]);
  });

  it('has the gradient of finite differences', () => {
    checkGradients({ inputs: { x: drawn([3, 7]) }, build: ({ x }) => ({ y: clip(x!, { low: -0.5, high: 0.25 }) }) });
  });

  it('refuses bounds that leave nothing', () => {
    const x = new Recording('train').feed('x', [2]);
    for (const bounds of [
      { low: 1, high: 0 },
      { low: Number.NaN, high: 0 },
    ])
      expect(() => clip(x, bounds))
        .to.throw(RangeError, 'clip: low must be a number of at most high')
        .with.property('code', 'ERR_ARGUMENT');
  });
});
