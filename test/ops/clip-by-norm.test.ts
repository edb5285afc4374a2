import { expect } from 'chai';
import { clipByNorm } from '../../lib/ops/clip-by-norm.ts';
import { evaluate, reals } from './evaluate.ts';

describe('clipByNorm', () => {
  const clip = (values: readonly number[], limit: number) =>
    evaluate({ x: reals([values.length], values) }, ({ x }) => ({ y: clipByNorm(x!, limit) })).y!;

  it('scales down to the limit', () => {
    const clipped = clip([30, -40], 5);
    expect(clipped[0]).to.be.closeTo(3, 1e-6);
    expect(clipped[1]).to.be.closeTo(-4, 1e-6);
  });

  it('leaves a smaller norm alone', () => {
    expect(clip([0.3, -0.4], 5)).to.deep.equal([0.3, -0.4]);
    expect(clip([0, 0], 5)).to.deep.equal([0, 0]);
  });
});
