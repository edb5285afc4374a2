import { additiveScores } from '../../../lib/ops/additive-scores.ts';
import { batchMatmul } from '../../../lib/ops/batch-matmul.ts';
import { gradients } from '../../../lib/ops/gradients.ts';
import { softmax } from '../../../lib/ops/softmax.ts';
import { record } from '../../../lib/program/recording.ts';
import { Numbers } from '../../backend/conformance/numbers.ts';
import { batchFor } from '../../backend/conformance/trial.ts';
import { describeEverywhere, ones } from './everywhere.ts';

describeEverywhere('attention on the native backend', everywhere => {
  for (const transposeA of [false, true])
    for (const transposeB of [false, true])
      it(`batchMatmul${transposeA ? ' aᵀ' : ''}${transposeB ? ' bᵀ' : ''} and its gradients agree with js and have the same bits everywhere`, () => {
        for (const [m, k, n] of [
          [1, 1, 1],
          [1, 33, 17],
          [7, 5, 1],
          [9, 16, 65],
          [40, 70, 31],
          [3, 0, 2],
        ] as const) {
          const program = record(r => {
            const a = r.feed('a', ['batch', ...(transposeA ? [k, m] : [m, k])]);
            const b = r.feed('b', ['batch', ...(transposeB ? [n, k] : [k, n])]);
            const y = batchMatmul(a, b, { transposeA, transposeB });
            const [da, db] = gradients([{ of: y, gradient: r.feed('dy', y.shape) }], [a, b]);
            return { y, da: da!, db: db! };
          });
          for (const count of [0, 1, 2, 5, 33])
            everywhere().compare(program, batchFor(program, new Numbers(3), { lengths: ones(count) }), 1e-6);
        }
      });

  it('softmax with lengths agrees with js and has the same bits everywhere', () => {
    for (const [rows, columns] of [
      [1, 1],
      [3, 17],
      [2, 100],
    ] as const) {
      const program = record(r => {
        const x = r.feed('x', ['batch', rows, columns]);
        return { y: softmax(x, { lengths: r.feed('lengths', ['batch'], 'int32') }) };
      });
      for (const count of [0, 1, 9, 700])
        everywhere().compare(
          program,
          batchFor(program, new Numbers(4), {
            lengths: ones(count),
            below: { lengths: columns + 1 },
            largest: () => 20,
          }),
          1e-6,
        );
    }
  });

  for (const ragged of [false, true])
    it(`additiveScores${ragged ? ' with lengths' : ''} and its gradients agree with js and have the same bits everywhere`, () => {
      for (const [queries, keys, size] of [
        [1, 1, 1],
        [1, 9, 16],
        [3, 5, 17],
        [2, 4, 600],
      ] as const) {
        const program = record(r => {
          const query = r.feed('query', ['batch', queries, size]);
          const memory = r.feed('keys', ['batch', keys, size]);
          const v = r.feed('v', [size]);
          const lengths = ragged ? r.feed('lengths', ['batch'], 'int32') : undefined;
          const scores = additiveScores(query, memory, v, { lengths });
          const found = gradients([{ of: scores, gradient: r.feed('dScores', scores.shape) }], [query, memory, v]);
          return { scores, dq: found[0]!, dk: found[1]!, dv: found[2]! };
        });
        for (const count of [0, 1, 2, 33])
          everywhere().compare(
            program,
            batchFor(program, new Numbers(5), {
              lengths: ones(count),
              below: { lengths: keys + 1 },
              largest: () => 3,
            }),
            1e-5, // 1 − t² loses digits where t is near 1
          );
      }
    });
});
