import { gradients } from '../../../lib/ops/gradients.ts';
import { layerNorm } from '../../../lib/ops/layer-norm.ts';
import { record } from '../../../lib/program/recording.ts';
import { Numbers } from '../../backend/conformance/numbers.ts';
import { batchFor } from '../../backend/conformance/trial.ts';
import { awkwardRows, describeEverywhere, ones } from './everywhere.ts';

/** y and all gradients of rows [batch, …], with and without what follows the normalization. */
function programOf(shape: readonly number[], affine: readonly number[] | undefined) {
  return record(r => {
    const x = r.feed('x', ['batch', ...shape]);
    const [gain, shift] = affine ? [r.feed('gain', affine), r.feed('shift', affine)] : [];
    const y = layerNorm(x, { gain, shift, epsilon: 1e-3 });
    const by = [x, gain, shift].filter(tensor => tensor !== undefined);
    const found = gradients([{ of: y, gradient: r.feed('dy', y.shape) }], by);
    return { y, ...Object.fromEntries(found.map((gradient, index) => [`d${index}`, gradient])) };
  });
}

describeEverywhere('layer normalization of the native backend', everywhere => {
  for (const [shape, affine] of [
    [[1], [1]],
    [[5], undefined],
    [[17], [17]],
    [[64], [64]],
    [
      [3, 7],
      [3, 7],
    ],
    [[2, 16], [16]],
  ] as const)
    it(`of rows ${shape} with a gain [${affine ?? ''}] agrees with js and has the same bits everywhere`, () => {
      const program = programOf(shape, affine);
      for (const count of awkwardRows)
        everywhere().compare(program, batchFor(program, new Numbers(7), { lengths: ones(count) }), 1e-5);
    });

  it('keeps its digits where the mean is large beside what is left', () => {
    const program = programOf([100], undefined);
    const x = new Numbers(3).reals(300).map(value => Math.fround(1000 + value));
    everywhere().compare(program, batchFor(program, new Numbers(7), { lengths: ones(3), given: { x } }), 2e-5);
  });
});
