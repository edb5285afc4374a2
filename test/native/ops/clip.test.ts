import { expect } from 'chai';
import { clip } from '../../../lib/ops/clip.ts';
import { gradients } from '../../../lib/ops/gradients.ts';
import { record } from '../../../lib/program/recording.ts';
import { Numbers } from '../../backend/conformance/numbers.ts';
import { batchFor } from '../../backend/conformance/trial.ts';
import { awkwardCounts, describeEverywhere, ones } from './everywhere.ts';

const program = record(r => {
  const x = r.feed('x', ['batch']);
  const y = clip(x, { low: -0.5, high: 0.75 });
  return { y, dx: gradients([{ of: y, gradient: r.feed('dy', ['batch']) }], [x])[0]! };
});

describeEverywhere('clip of the native backend', everywhere => {
  it('agrees with js, gradient and bounds included, and has the same bits everywhere', () => {
    for (const count of awkwardCounts) {
      const x = new Numbers(6).reals(count, 2);
      for (let i = 0; i < count; i += 5) x[i] = i % 2 === 0 ? -0.5 : 0.75;
      everywhere().compare(program, batchFor(program, new Numbers(7), { lengths: ones(count), given: { x } }), 0);
    }
  });

  it('hands NaN on', () => {
    for (const backend of everywhere().natives) {
      const values = { x: Float32Array.of(Number.NaN, 9), dy: Float32Array.of(3, 4) };
      const { y, dx } = backend.load(program, {}).runSync({ sizes: { batch: 2 }, values });
      expect([...y!]).to.deep.equal([Number.NaN, 0.75]);
      expect([...dx!]).to.deep.equal([3, 0]);
    }
  });
});
