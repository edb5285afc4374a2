// Run as a process of its own by js-backend.test.ts: starts a run, closes nothing.
import { js } from '../../lib/backend/js-backend.ts';
import { scale } from '../../lib/ops/scale.ts';
import { record } from '../../lib/program/recording.ts';

const executable = js().load(
  record(recording => ({ y: scale(recording.feed('x', [2]), 2) })),
  {},
);
const running = executable.run({ sizes: {}, values: { x: Float32Array.of(1, 2) } });
running.then(({ y }) => process.stdout.write(`${y}\n`));
