import { delay } from '../../../lib/ops/delay.ts';
import { gradients } from '../../../lib/ops/gradients.ts';
import { linearRecurrence } from '../../../lib/ops/linear-recurrence.ts';
import type { Direction } from '../../../lib/ops/recurrent.ts';
import { scale } from '../../../lib/ops/scale.ts';
import { record } from '../../../lib/program/recording.ts';
import { Numbers } from '../../backend/conformance/numbers.ts';
import { batchFor } from '../../backend/conformance/trial.ts';
import { describeEverywhere } from '../ops/everywhere.ts';

/** The recurrence with factors from [0.9, 1), its gradients, and its sequences one step later. */
const program = (size: number, direction: Direction, initial: boolean) =>
  record(recording => {
    const { tokens, batch } = recording.layout('input');
    const h = initial ? recording.feed('h', [batch, size]) : undefined;
    const x = recording.feed('x', [tokens, size]);
    const b = recording.feed('b', [tokens, size]);
    const { y, hN } = linearRecurrence({ a: scale(x, 0.05, 0.95), b, h }, { direction });
    const upstream = [
      { of: y, gradient: recording.feed('dy', [tokens, size]) },
      { of: hN, gradient: recording.feed('dhN', [batch, size]) },
    ];
    const [dx, db, dh] = gradients(upstream, h ? [x, b, h] : [x, b]);
    const later = delay(b, { before: h, direction });
    return { y, hN, dx: dx!, db: db!, ...(dh ? { dh } : {}), later: later.y, last: later.last };
  });

describeEverywhere('linear recurrences of the native backend', everywhere => {
  const numbers = new Numbers(5);
  for (const direction of ['forward', 'backward'] as const) {
    for (const size of [1, 7, 16, 33])
      it(`of ${size} units, ${direction}: agree with js, with their gradients, and have the same bits everywhere`, () => {
        for (const lengths of [[], [0], [0, 0], [1], [3, 0, 5, 1, 5], [...numbers.integers(150, 9)]])
          for (const initial of [true, false]) {
            const recorded = program(size, direction, initial);
            everywhere().compare(recorded, batchFor(recorded, numbers, { lengths }), 1e-5);
          }
      });

    // Few columns and many steps, whole chunks or not, sequences that end within one, between two, or before all of them.
    for (const [size, lengths] of [
      [1, [4096]],
      [3, [1100, 1024, 0, 700, 256, 1, 1100]],
      [40, [1031, 2, 1031]],
      [64, [2048, 512]],
    ] as const)
      it(`of ${size} units over ${lengths[0]} steps, ${direction}: chunks of steps agree with js and have the same bits`, () => {
        const recorded = program(size, direction, true);
        everywhere().compare(recorded, batchFor(recorded, numbers, { lengths }), 1e-5);
      });

    it(`of more units and sequences than one thread takes, ${direction}, agree with js and have the same bits`, () => {
      const recorded = program(130, direction, true);
      const lengths = [...numbers.integers(90, 20)];
      everywhere().compare(recorded, batchFor(recorded, numbers, { lengths }), 1e-5);
    });
  }
});
