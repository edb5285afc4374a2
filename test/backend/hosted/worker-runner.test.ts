import { expect } from 'chai';
import type { Feeds } from '../../../lib/backend/backend.ts';
import { HostedBackend } from '../../../lib/backend/hosted/hosted-backend.ts';
import { WorkerRunner } from '../../../lib/backend/hosted/worker-runner.ts';
import { scale } from '../../../lib/ops/scale.ts';
import { record } from '../../../lib/program/recording.ts';

const doubling = record(recording => ({ y: scale(recording.feed('x', [1]), 2) }));
const unknown = record(recording => {
  const x = recording.feed('x', [1]);
  return { y: recording.append({ name: 'nonsense' }, { x }, {}, { y: { shape: [1] } }).y! };
});
const one: Feeds = { sizes: {}, values: { x: Float32Array.of(1) } };

/** A backend whose Worker alone knows which operations there are. */
function open(given: unknown = 'float32'): HostedBackend {
  return new HostedBackend({
    name: 'js',
    isa: 'js',
    precision: 'float32',
    runner: new WorkerRunner('js', given),
    allocate: (_, elements) => ({ array: new Float32Array(elements), touch() {} }),
    open: () => ({ run: () => ({}) }),
  });
}

describe('runs in a Worker', () => {
  it('reject with what is wrong with their program, and leave the Worker to others', async () => {
    const backend = open();
    const [good, bad] = [backend.load(doubling, {}), backend.load(unknown, {})];
    const [error, results] = await Promise.all([bad.run(one).catch(reason => reason), good.run(one)]);
    expect(error).to.include({ code: 'ERR_BACKEND', message: 'js: no operation is called nonsense' });
    expect([...results.y!]).to.deep.equal([2]);
    await backend.close();
  });

  it('go on after one whose Worker could not be started', async () => {
    let reason: Error | undefined = new Error('not yet');
    const backend = open({
      get precision() {
        if (reason) throw reason;
        return 'float32';
      },
    });
    const executable = backend.load(doubling, {});
    expect(await executable.run(one).catch(error => error)).to.equal(reason);
    reason = undefined;
    expect([...(await executable.run(one)).y!]).to.deep.equal([2]);
    await backend.close();
  });
});
