import { activate } from '../../lib/ops/activation.ts';
import { delay } from '../../lib/ops/delay.ts';
import { gradients } from '../../lib/ops/gradients.ts';
import { linearRecurrence } from '../../lib/ops/linear-recurrence.ts';
import type { Direction } from '../../lib/ops/recurrent.ts';
import { scale } from '../../lib/ops/scale.ts';
import { record } from '../../lib/program/recording.ts';
import { Numbers } from '../backend/conformance/numbers.ts';
import { batchFor } from '../backend/conformance/trial.ts';
import type { Case } from './case.ts';

const ragged = (batch: number, longest: number) =>
  Array.from({ length: batch }, (_, index) => (index * 7 + 3) % (longest + 1));

/** Broken vectors, more than one thread takes, and chunks of steps. */
const shapes = [
  { size: 1, lengths: [4, 0, 9] },
  { size: 33, lengths: ragged(13, 9) },
  { size: 130, lengths: ragged(90, 20) },
  { size: 5, lengths: [4099] },
  { size: 40, lengths: [1031, 2, 1031] },
] as const;

function recurrenceCase(size: number, lengths: readonly number[], direction: Direction): Case {
  const program = record(recording => {
    const { tokens, batch } = recording.layout('input');
    const [x, b] = [recording.feed('x', [tokens, size]), recording.feed('b', [tokens, size])];
    const h = recording.feed('h', [batch, size]);
    const a = scale(activate(x, 'softplus'), 0.02, 0.95); // of hundreds of these no product comes near a denormal number
    const { y, hN } = linearRecurrence({ a, b, h }, { direction });
    const upstream = [
      { of: y, gradient: recording.feed('dy', [tokens, size]) },
      { of: hN, gradient: recording.feed('dhN', [batch, size]) },
    ];
    const [dx, db, dh] = gradients(upstream, [x, b, h]);
    return { y, hN, dx: dx!, db: db!, dh: dh!, later: delay(y, { before: h, direction }).y };
  });
  return {
    name: `linear recurrence of ${size}, ${lengths.length} sequences of at most ${Math.max(...lengths)}, ${direction}`,
    program,
    batches: [batchFor(program, new Numbers(31), { lengths })],
  };
}

/** Linear recurrences forward and backward, with their gradients. */
export function linearRecurrenceCases(): Case[] {
  return shapes.flatMap(({ size, lengths }) =>
    (['forward', 'backward'] as const).map(direction => recurrenceCase(size, lengths, direction)),
  );
}
