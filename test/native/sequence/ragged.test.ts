import { expect } from 'chai';
import type { Backend } from '../../../lib/backend/backend.ts';
import { js } from '../../../lib/backend/js-backend.ts';
import { addon } from '../../../lib/backend/load.ts';
import { native } from '../../../lib/backend/native-backend.ts';
import { delay } from '../../../lib/ops/delay.ts';
import { dropout } from '../../../lib/ops/dropout.ts';
import { linearRecurrence } from '../../../lib/ops/linear-recurrence.ts';
import { packSteps, padSteps } from '../../../lib/ops/pad-steps.ts';
import { scale } from '../../../lib/ops/scale.ts';
import { scan } from '../../../lib/ops/scan.ts';
import { stepAt } from '../../../lib/ops/step-at.ts';
import { record } from '../../../lib/program/recording.ts';
import type { Tensor } from '../../../lib/program/tensor.ts';

const operations: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  delay: x => delay(x).y,
  dropout: x => dropout(x, { rate: 0.5, seed: 1, layer: 1 }),
  linearRecurrence: x => linearRecurrence({ a: x, b: x }).y,
  packSteps: x => packSteps(x.recording.feed('block', ['batch', 'x.steps', 2]), x.layout!),
  padSteps: x => padSteps(x).block,
  scan: x => {
    const h = x.recording.feed('h', ['batch', 2]);
    return scan({ sequences: { x }, states: { h } }, ({ h }) => ({ states: { h: scale(h, 2) }, outputs: {} })).states.h;
  },
  stepAt: x => stepAt(x, 0),
};

describe('a layout that cannot be', () => {
  if (!addon) return;
  let backends: Backend[];
  before(() => {
    backends = [js(), native()];
  });
  after(() => Promise.all(backends.map(backend => backend.close())));

  for (const [name, operation] of Object.entries(operations))
    it(`is refused by ${name}, which says so`, () => {
      const program = record(
        recording => ({
          y: operation(recording.feed('x', [recording.layout('x').tokens, 2])),
        }),
        { mode: 'train' },
      );
      const values = {
        x: new Float32Array(6),
        h: new Float32Array(4),
        block: new Float32Array(8),
        clock: new Int32Array(2),
        'x.offsets': Int32Array.of(0, 2),
        'x.order': Int32Array.of(0, 1),
      };
      const sizes = { batch: 2, 'x.steps': 2, 'x.tokens': 3 };
      for (const backend of backends) {
        const run = (given: Partial<typeof values>, more = {}) =>
          backend.load(program, {}).runSync({ sizes: { ...sizes, ...more }, values: { ...values, ...given } });
        run({});
        const wrong = [
          [{ 'x.offsets': Int32Array.of(1, 2) }, 'offsets[0] is 1, expected 0'],
          [{ 'x.offsets': Int32Array.of(0, 1) }, 'offsets[1] is 1, which leaves 2 sequences at step 1'],
          [{ 'x.order': Int32Array.of(0, 2) }, 'order[1] is 2, expected'],
          [{ 'x.order': Int32Array.of(1, 1) }, 'order[1] is 1'],
        ] as const;
        for (const [given, message] of wrong)
          expect(() => run(given), backend.name)
            .to.throw(RangeError, `${name}: ${message}`)
            .with.property('code', 'ERR_INDEX');
        expect(
          () => run({ 'x.offsets': new Int32Array(0), block: new Float32Array(0) }, { 'x.steps': 0 }),
          backend.name,
        )
          .to.throw(RangeError, `${name}: offsets are empty, but there are 3 tokens`)
          .with.property('code', 'ERR_INDEX');
      }
    });
});
