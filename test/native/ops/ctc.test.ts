import { expect } from 'chai';
import { ctc } from '../../../lib/ops/ctc.ts';
import { gradients } from '../../../lib/ops/gradients.ts';
import type { Reduction } from '../../../lib/ops/reduction.ts';
import type { Program } from '../../../lib/program/program.ts';
import { record } from '../../../lib/program/recording.ts';
import { Numbers } from '../../backend/conformance/numbers.ts';
import { type Batch, batchFor } from '../../backend/conformance/trial.ts';
import { describeEverywhere } from './everywhere.ts';

function programOf(classes: number, reduction: Reduction): Program {
  return record(r => {
    const logits = r.feed('logits', [r.layout('input').tokens, classes]);
    const labels = r.feed('labels', ['labels'], 'int32');
    const labelLengths = r.feed('labelLengths', ['batch'], 'int32');
    const loss = ctc(logits, labels, labelLengths, { reduction, blank: classes - 1, impossible: 'zero' });
    const upstream = { of: loss, gradient: r.feed('dLoss', loss.shape) };
    return { loss, gradient: gradients([upstream], [logits])[0]! };
  });
}

/** Sequences of some frames with some labels each. */
function batchOf(
  program: Program,
  classes: number,
  frames: readonly number[],
  labels: readonly number[],
  largest = 3,
): Batch {
  const numbers = new Numbers(8);
  const total = labels.reduce((sum, count) => sum + count, 0);
  const { sizes, values } = batchFor(program, numbers, {
    lengths: frames,
    given: { labels: numbers.integers(total, Math.max(1, classes - 1)), labelLengths: Int32Array.from(labels) },
    largest: name => (name === 'logits' ? largest : 1),
  });
  return { sizes: { ...sizes, labels: total }, values };
}

describeEverywhere('ctc on the native backend', everywhere => {
  for (const reduction of ['none', 'sum', 'mean'] as const)
    it(`${reduction}, and its gradient agree with js and have the same bits everywhere`, () => {
      for (const classes of [2, 5, 17, 40]) {
        const program = programOf(classes, reduction);
        for (const [frames, labels] of [
          [[], []],
          [[1], [1]],
          [
            [0, 3],
            [0, 0],
          ],
          [
            [9, 2, 30, 30, 17, 1, 0],
            [4, 3, 12, 0, 7, 1, 2],
          ],
          [new Array(33).fill(40), Array.from({ length: 33 }, (_, b) => b % 11)],
        ] as const)
          everywhere().compare(program, batchOf(program, classes, frames, labels), 2e-5);
      }
    });

  it('keeps its digits over many frames and where one reading is all but certain', () => {
    const program = programOf(12, 'none');
    everywhere().compare(program, batchOf(program, 12, [1500, 700], [60, 3]), 5e-5);
    everywhere().compare(program, batchOf(program, 12, [200, 31, 90], [10, 5, 40], 60), 5e-5);
  });

  it('hands NaN on to the sequence that it stands in, and to no other', () => {
    const program = programOf(4, 'none');
    const { sizes, values } = batchOf(program, 4, [6, 6], [2, 2]);
    const logits = Float64Array.from(values.logits!);
    logits[2 * 4 * 3] = Number.NaN; // frame 3 of the first
    for (const backend of everywhere().natives) {
      const real = (array: ArrayLike<number>) => Float32Array.from(array);
      const { loss, gradient } = backend.load(program, {}).runSync({
        sizes,
        values: { ...(values as Record<string, Int32Array>), logits: real(logits), dLoss: real(values.dLoss!) },
      });
      expect([...loss!].map(Number.isNaN)).to.deep.equal([true, false]);
      for (let row = 0; row < 12; row++)
        expect([...gradient!.subarray(4 * row, 4 * row + 4)].some(Number.isNaN), `row ${row}`).to.equal(row % 2 === 0);
    }
  });

  it('takes a class that cannot be for what it is', () => {
    const program = record(r => {
      const logits = r.feed('logits', [r.layout('input').tokens, 3]);
      const labels = r.feed('labels', ['labels'], 'int32');
      return { loss: ctc(logits, labels, r.feed('labelLengths', ['batch'], 'int32'), { reduction: 'none' }) };
    });
    const never = Number.NEGATIVE_INFINITY;
    const batch = batchFor(program, new Numbers(1), {
      lengths: [2, 2],
      given: {
        logits: Float64Array.of(0, never, 0, 0, never, 0, 0, never, 0, 0, never, 0),
        labels: Int32Array.of(1, 2),
        labelLengths: Int32Array.of(1, 1),
      },
    });
    everywhere().compare(program, { ...batch, sizes: { ...batch.sizes, labels: 2 } }, 1e-6);
  });
});
