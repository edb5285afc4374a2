import { broadcast } from '../../../lib/ops/broadcast.ts';
import { concat } from '../../../lib/ops/concat.ts';
import { fill } from '../../../lib/ops/fill.ts';
import { gather } from '../../../lib/ops/gather.ts';
import { gradients } from '../../../lib/ops/gradients.ts';
import { pad } from '../../../lib/ops/pad.ts';
import { packSteps, padSteps } from '../../../lib/ops/pad-steps.ts';
import { reshape } from '../../../lib/ops/reshape.ts';
import { scatterAdd } from '../../../lib/ops/scatter-add.ts';
import { slice } from '../../../lib/ops/slice.ts';
import { stepAt } from '../../../lib/ops/step-at.ts';
import { record } from '../../../lib/program/recording.ts';
import { Numbers } from '../../backend/conformance/numbers.ts';
import { batchFor } from '../../backend/conformance/trial.ts';
import { awkwardCounts, awkwardRows, describeEverywhere, ones } from './everywhere.ts';

describeEverywhere('operations of the native backend that move elements', everywhere => {
  it('concat, slice, pad and reshape give what js gives', () => {
    const program = record(r => {
      const [a, b] = [r.feed('a', ['batch', 3, 4]), r.feed('b', ['batch', 3, 4])];
      const [i, j] = [r.feed('i', ['batch', 2], 'int32'), r.feed('j', ['batch', 5], 'int32')];
      return {
        last: concat([a, b, a]),
        middle: concat([a, slice(b, { axis: 1, start: 1 })], { axis: 1 }),
        integers: concat([i, j, i]),
        part: slice(j, { axis: 1, start: 1, stop: 4 }),
        features: slice(a, { axis: -1, start: 2 }),
        padded: pad(a, { axis: 1, before: 2, after: 1 }),
        shifted: pad(a, { axis: 2, before: 0, after: 5 }),
        flat: reshape(a, ['batch', 12]),
        numbers: reshape(j, [5, 'batch']),
        copied: r.feed('j', ['batch', 5], 'int32'),
      };
    });
    for (const count of awkwardRows)
      everywhere().compare(
        program,
        batchFor(program, new Numbers(2), { lengths: ones(count), below: { i: 9, j: 1_000_000 } }),
        1e-7,
      );
  });

  it('concat, slice and pad along the first axis give what js gives', () => {
    const program = record(r => {
      const [a, b] = [r.feed('a', [3, 'batch']), r.feed('b', [1, 'batch'])];
      return {
        joined: concat([a, b, a], { axis: 0 }),
        part: slice(a, { axis: 0, start: 1, stop: 2 }),
        padded: pad(a, { axis: 0, before: 1, after: 2 }),
      };
    });
    for (const count of awkwardCounts)
      everywhere().compare(program, batchFor(program, new Numbers(2), { lengths: ones(count) }), 1e-7);
  });

  it('broadcast and fill give what js gives', () => {
    const program = record(r => ({
      rows: broadcast(r.feed('row', [5]), ['batch', 2, 5]),
      columns: broadcast(r.feed('column', ['batch', 1]), ['batch', 33]),
      planes: broadcast(r.feed('plane', ['batch', 1, 3]), ['batch', 4, 3]),
      scalar: broadcast(r.feed('scalar', []), ['batch']),
      filled: fill(r, ['batch', 3], 1 / 3),
    }));
    for (const count of awkwardRows)
      everywhere().compare(program, batchFor(program, new Numbers(3), { lengths: ones(count) }), 1e-7);
  });

  for (const columns of [1, 3, 16, 33, 130])
    it(`gather and scatterAdd of rows of ${columns} agree with js and have the same bits everywhere`, () => {
      const rows = 50;
      const program = record(r => {
        const ids = r.feed('ids', ['batch'], 'int32');
        return {
          y: gather(r.feed('table', [rows, columns]), ids),
          sums: scatterAdd(r.feed('x', ['batch', columns]), ids, { rows }),
          kept: scatterAdd(r.feed('x', ['batch', columns]), ids, { rows, ignore: 7 }),
        };
      });
      for (const count of awkwardCounts.filter(count => count * columns < 1_000_000))
        everywhere().compare(
          program,
          batchFor(program, new Numbers(4), { lengths: ones(count), below: { ids: rows } }),
          1e-5, // thousands of terms, added one by one in float32
        );
    });

  it('padSteps and packSteps move rows between a ragged batch and a block', () => {
    const numbers = new Numbers(6);
    for (const features of [[], [1], [5], [2, 33]]) {
      const program = record(r => {
        const layout = r.layout('input');
        const x = r.feed('x', [layout.tokens, ...features]);
        const { block, lengths } = padSteps(x);
        const given = r.feed('block', [layout.batch, layout.steps, ...features]);
        const rows = packSteps(given, layout);
        const found = gradients(
          [
            { of: block, gradient: r.feed('dBlock', block.shape) },
            { of: rows, gradient: r.feed('dRows', rows.shape) },
          ],
          [x, given],
        );
        const ids = padSteps(r.feed('ids', [layout.tokens], 'int32')).block;
        return { block, lengths, rows, dx: found[0]!, dGiven: found[1]!, ids };
      });
      for (const lengths of [[], [0], [0, 0], [1], [3, 0, 5, 1, 5], [...numbers.integers(400, 9)]])
        everywhere().compare(program, batchFor(program, numbers, { lengths, below: { ids: 9 } }), 0);
    }
  });

  it('stepAt and its gradient find steps from either end of ragged sequences', () => {
    const numbers = new Numbers(5);
    for (const index of [0, 1, 4, 100, -1, -2, -5, -100])
      for (const features of [1, 5, 64]) {
        const program = record(r => {
          const x = r.feed('x', [r.layout('input').tokens, features]);
          const y = stepAt(x, index);
          const upstream = { of: y, gradient: r.feed('dy', ['batch', features]) };
          return { y, dx: gradients([upstream], [x])[0]! };
        });
        for (const lengths of [[], [0], [0, 0], [1], [3, 0, 5, 1, 5], [...numbers.integers(150, 9)]])
          everywhere().compare(program, batchFor(program, numbers, { lengths }), 0);
      }
    const program = record(r => ({ y: stepAt(r.feed('x', [r.layout('input').tokens, 64]), -3) }));
    const lengths = [...numbers.integers(900, 7)];
    everywhere().compare(program, batchFor(program, numbers, { lengths }), 0);
  });
});
