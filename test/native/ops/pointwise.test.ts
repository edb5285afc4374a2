import { add } from '../../../lib/ops/add.ts';
import { divide } from '../../../lib/ops/divide.ts';
import { exp } from '../../../lib/ops/exp.ts';
import { log } from '../../../lib/ops/log.ts';
import { multiply } from '../../../lib/ops/multiply.ts';
import { positive } from '../../../lib/ops/positive.ts';
import { relu } from '../../../lib/ops/relu.ts';
import { scale } from '../../../lib/ops/scale.ts';
import { sigmoid } from '../../../lib/ops/sigmoid.ts';
import { sqrt } from '../../../lib/ops/sqrt.ts';
import { square } from '../../../lib/ops/square.ts';
import { subtract } from '../../../lib/ops/subtract.ts';
import { tanh } from '../../../lib/ops/tanh.ts';
import { record } from '../../../lib/program/recording.ts';
import { Numbers } from '../../backend/conformance/numbers.ts';
import { batchFor } from '../../backend/conformance/trial.ts';
import { awkwardCounts, describeEverywhere, ones } from './everywhere.ts';

const tolerance = 4e-7; // a few roundings

describeEverywhere('pointwise operations of the native backend', everywhere => {
  const functions = { exp, positive, relu, sigmoid, square, tanh };
  for (const [name, op] of Object.entries(functions))
    it(`${name} agrees with js and has the same bits everywhere`, () => {
      const program = record(r => ({ y: op(r.feed('x', ['batch'])) }));
      for (const count of awkwardCounts)
        everywhere().compare(
          program,
          batchFor(program, new Numbers(3), { lengths: ones(count), largest: () => 6 }),
          tolerance,
        );
    });

  for (const [name, op] of Object.entries({ log, sqrt }))
    it(`${name} agrees with js and has the same bits everywhere`, () => {
      const program = record(r => ({ y: op(r.feed('x', ['batch'])) }));
      for (const count of awkwardCounts) {
        const x = new Numbers(3).reals(count).map(value => Math.fround(1e-6 + Math.abs(value) * 10));
        everywhere().compare(
          program,
          batchFor(program, new Numbers(3), { lengths: ones(count), given: { x } }),
          tolerance,
        );
      }
    });

  it('scale agrees with js and has the same bits everywhere', () => {
    const program = record(r => ({ y: scale(r.feed('x', ['batch']), -2.7, 0.3), z: scale(r.feed('x', ['batch']), 3) }));
    for (const count of awkwardCounts)
      everywhere().compare(program, batchFor(program, new Numbers(4), { lengths: ones(count) }), tolerance);
  });

  const pairs: readonly (readonly [readonly number[], readonly number[]])[] = [
    [[], []],
    [[1], [1, 1]],
    [[3, 5], [5]],
    [
      [3, 5],
      [3, 1],
    ],
    [[], [3, 5]],
    [[4, 0], [1]],
    [
      [4, 1, 6],
      [2, 1, 5, 1],
    ],
    [
      [17, 1],
      [1, 33],
    ],
    [
      [2, 3, 4, 5],
      [3, 1, 5],
    ],
    [[400, 301], [301]],
    [
      [400, 301],
      [400, 1],
    ],
    [[], [400, 301]],
    [
      [50, 1, 61],
      [43, 1],
    ],
  ];
  for (const [name, op] of Object.entries({ add, subtract, multiply, divide })) {
    it(`${name} agrees with js and has the same bits everywhere`, () => {
      const program = record(r => ({ y: op(r.feed('a', ['batch']), r.feed('b', ['batch'])) }));
      for (const count of awkwardCounts) {
        const b = new Numbers(5).reals(count).map(value => Math.fround(value + 2));
        everywhere().compare(
          program,
          batchFor(program, new Numbers(6), { lengths: ones(count), given: { b } }),
          tolerance,
        );
      }
    });

    it(`${name} stretches either operand along any axis`, () => {
      for (const [p, q] of pairs)
        for (const [a, b] of [
          [p, q],
          [q, p],
        ] as const) {
          const program = record(r => ({ y: op(r.feed('a', a), scale(r.feed('b', b), 1, 2)) }));
          everywhere().compare(program, batchFor(program, new Numbers(7)), tolerance);
        }
    });
  }
});
