import { expect } from 'chai';
import { argmax } from '../../../lib/ops/argmax.ts';
import { globalNorm } from '../../../lib/ops/global-norm.ts';
import { mean } from '../../../lib/ops/mean.ts';
import { softmax } from '../../../lib/ops/softmax.ts';
import { sum } from '../../../lib/ops/sum.ts';
import { sumTo } from '../../../lib/ops/sum-to.ts';
import { record } from '../../../lib/program/recording.ts';
import { Numbers } from '../../backend/conformance/numbers.ts';
import { batchFor } from '../../backend/conformance/trial.ts';
import { awkwardCounts, awkwardRows, describeEverywhere, ones } from './everywhere.ts';

const tolerance = 2e-7; // sums are kept in float64 and rounded once

describeEverywhere('reductions of the native backend', everywhere => {
  for (const [name, op] of Object.entries({ sum, mean }))
    it(`${name} over any axis agrees with js and has the same bits everywhere`, () => {
      const program = record(r => {
        const table = r.feed('table', ['batch', 17]);
        const cube = r.feed('cube', [2, 'batch', 3]);
        return {
          table: op(table, { keep: true }),
          columns: op(table, { axis: 0 }),
          rows: op(table, { axis: 1, keep: true }),
          faces: op(cube, { axis: 0 }),
          middle: op(cube, { axis: 1 }),
          last: op(cube, { axis: 2 }),
        };
      });
      for (const count of awkwardRows)
        everywhere().compare(program, batchFor(program, new Numbers(3), { lengths: ones(count) }), tolerance);
    });

  it('sum and mean of a line agree with js and have the same bits everywhere', () => {
    const program = record(r => ({ sum: sum(r.feed('x', ['batch'])), mean: mean(r.feed('x', ['batch'])) }));
    for (const count of awkwardCounts)
      everywhere().compare(program, batchFor(program, new Numbers(3), { lengths: ones(count) }), tolerance);
  });

  it('sumTo sums over any combination of axes', () => {
    const shapes: readonly (readonly [readonly number[], readonly (readonly number[])[]])[] = [
      [
        [2, 3, 4, 5],
        [[], [5], [4, 1], [3, 1, 5], [2, 1, 4, 1], [1, 3, 1, 5], [2, 3, 4, 5], [1, 1, 1, 1], [2, 1, 1, 5]],
      ],
      [
        [30, 1, 40, 100],
        [[100], [40, 1], [1, 40, 100], [30, 1, 1, 100], [30, 1, 40, 1], [30, 1, 1, 1]],
      ],
      [[70_000], [[], [1], [70_000]]],
      [
        [2, 20_000],
        [[2, 1], [20_000]],
      ],
      [
        [20_000, 2],
        [[2], [20_000, 1], [1]],
      ],
      [
        [300, 300],
        [[300], [300, 1]],
      ],
      [
        [3, 0],
        [[3, 1], [], [1, 0]],
      ],
    ];
    for (const [from, targets] of shapes)
      for (const to of targets) {
        const program = record(r => ({ y: sumTo(r.feed('x', from), to) }));
        everywhere().compare(program, batchFor(program, new Numbers(4)), tolerance);
      }
  });

  it('keep their digits over a million elements', () => {
    const count = 1_000_000;
    const program = record(r => {
      const x = r.feed('x', [count]);
      return { sum: sum(x), mean: mean(x), norm: globalNorm([x, r.feed('z', [1000, 1000]), x]) };
    });
    const x = new Numbers(5).reals(count).map(value => Math.fround(value + 1));
    everywhere().compare(program, batchFor(program, new Numbers(6), { given: { x } }), 1e-7);
  });

  it('globalNorm agrees with js and has the same bits everywhere', () => {
    const program = record(r => ({
      y: globalNorm([r.feed('a', ['batch']), r.feed('b', ['batch', 3]), r.feed('c', [])]),
    }));
    for (const count of awkwardCounts)
      everywhere().compare(program, batchFor(program, new Numbers(7), { lengths: ones(count) }), tolerance);
  });

  it('globalNorm ends with the rows of a table that there are', () => {
    const program = record(r => ({
      y: globalNorm([{ rows: r.feed('rows', ['batch', 3]), at: r.feed('at', ['batch'], 'int32') }, r.feed('c', [])]),
    }));
    for (const count of awkwardCounts) {
      const batch = batchFor(program, new Numbers(8), { lengths: ones(count), below: { at: 9 } });
      (batch.values.at as Int32Array).fill(-1, Math.ceil(count / 2));
      everywhere().compare(program, batch, tolerance);
    }
  });

  it('sums, norms and softmax hand NaN and infinity on', () => {
    const program = record(r => {
      const x = r.feed('x', [3, 20]);
      return { sum: sum(x), columns: sum(x, { axis: 0 }), norm: globalNorm([x]), softmax: softmax(x) };
    });
    const x = new Float32Array(60);
    x[25] = Number.NaN;
    x[59] = Number.POSITIVE_INFINITY;
    for (const backend of everywhere().natives) {
      const { sum, columns, norm, softmax } = backend.load(program, {}).runSync({ sizes: {}, values: { x } });
      expect(sum![0]).to.be.NaN;
      expect(norm![0]).to.be.NaN;
      expect([...columns!]).to.deep.equal(
        Array.from({ length: 20 }, (_, i) => (i === 5 ? Number.NaN : i === 19 ? Number.POSITIVE_INFINITY : 0)),
      );
      expect([...softmax!.subarray(0, 20)]).to.deep.equal(new Array(20).fill(Math.fround(1 / 20)));
      expect([...softmax!.subarray(20, 40)].every(Number.isNaN)).to.equal(true);
    }
  });

  it('softmax and argmax agree with js and have the same bits everywhere', () => {
    for (const columns of [1, 2, 7, 16, 17, 33, 700]) {
      const program = record(r => {
        const x = r.feed('x', ['batch', columns]);
        return { softmax: softmax(x), argmax: argmax(x) };
      });
      for (const count of [0, 1, 3, 200])
        everywhere().compare(
          program,
          batchFor(program, new Numbers(8), { lengths: ones(count), largest: () => 20 }),
          5e-7,
        );
    }
  });

  it('softmax gives nothing to a score of −∞ and keeps its digits far from 0', () => {
    const program = record(r => ({ y: softmax(r.feed('x', [2, 4])) }));
    const x = Float64Array.of(5, Number.NEGATIVE_INFINITY, 5, -1e30, 10_000, 10_001, 10_002, 9_000);
    everywhere().compare(program, batchFor(program, new Numbers(1), { given: { x } }), tolerance);
  });

  it('argmax takes the first of equals and leaves NaN aside, as js does', () => {
    const program = record(r => ({ y: argmax(r.feed('x', [7, 70])) }));
    const x = new Float64Array(490); // the last row stays 0
    for (const [place, value] of [
      [3, 2],
      [66, 2],
      [70 + 68, 1],
      [140 + 1, Number.NaN],
      [140 + 65, 3],
      [210, Number.NaN],
      [210 + 65, 3],
      [349, 1e-3],
      [350 + 10, 5],
      [350 + 20, 5],
    ] as const)
      x[place] = value;
    everywhere().compare(program, batchFor(program, new Numbers(1), { given: { x } }), 0);
  });
});
