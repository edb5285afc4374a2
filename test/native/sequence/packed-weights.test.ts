import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import type { Backend } from '../../../lib/backend/backend.ts';
import { addon } from '../../../lib/backend/load.ts';
import { native } from '../../../lib/backend/native-backend.ts';
import { lstm } from '../../../lib/ops/lstm.ts';
import { record } from '../../../lib/program/recording.ts';

const size = 64;
const storage = { name: 'parameters', dtype: 'real', elements: 2 * size * 4 * size } as const;

const program = record(recording => {
  const weight = (name: string, offset: number) =>
    recording.view('parameter', { storage, offset, shape: [size, 4 * size], name });
  const x = recording.feed('x', [recording.layout('x').tokens, size]);
  const [inputWeight, recurrentWeight] = [weight('W', 0), weight('R', size * 4 * size)];
  return { hN: lstm({ x, inputWeight, recurrentWeight }, { direction: 'forward' }).hN };
});

const feeds = (steps: number) => ({
  sizes: { batch: 1, 'x.steps': steps, 'x.tokens': steps },
  values: {
    x: new Float32Array(steps * size).fill(0.5),
    'x.offsets': Int32Array.from({ length: steps }, (_, t) => t),
    'x.order': Int32Array.of(0),
  },
});

describe('packed weights', () => {
  if (!addon) return;
  let backend: Backend;
  before(() => {
    backend = native({ threads: 1 });
  });
  after(() => backend.close());

  it('are packed anew where parameters were written while a run was under way', async () => {
    const parameters = backend.allocate('real', storage.elements);
    const executable = backend.load(program, { parameters });
    for (let steps = 1000, midway = false; !midway; steps *= 2) {
      parameters.array.fill(0.01);
      parameters.touch();
      let ended = false;
      const running = executable.run(feeds(steps)).finally(() => (ended = true));
      await pause(20);
      midway = !ended;
      parameters.array.fill(-0.01);
      parameters.touch();
      await running;
    }
    const { hN } = executable.runSync(feeds(3));
    const { hN: expected } = backend.load(program, { parameters }).runSync(feeds(3));
    expect([...hN!]).to.deep.equal([...expected!]);
  });
});
