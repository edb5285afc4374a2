import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { addon } from '../../../lib/backend/load.ts';
import { runScript } from '../run-script.ts';

const script = (name: string) => new URL(name, import.meta.url);

describe('the addon', function () {
  if (!addon) return;
  this.timeout(60_000);

  it('works in four worker threads at once', async () => {
    const answers = Array.from({ length: 4 }, async () => {
      const worker = new Worker(new URL('./worker.mjs', import.meta.url), { workerData: { job: 'answer' } });
      const [[answer]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
      return answer;
    });
    expect(await Promise.all(answers)).to.deep.equal([65536, 65536, 65536, 65536]);
  });

  it('lets a hundred worker threads be terminated in the middle of a run', async () => {
    expect(await runScript(script('terminate.mjs'))).to.deep.equal({ code: 0, signal: null, output: 'ended 100\n' });
  });

  it('lets the process exit in the middle of a run', async () => {
    expect(await runScript(script('exit.mjs'))).to.deep.equal({ code: 7, signal: null, output: '' });
  });

  it('lets the process end when nothing is queued, closed or not', async () => {
    expect(await runScript(script('idle.mjs'))).to.deep.equal({ code: 0, signal: null, output: 'done\n' });
  });

  it('finishes the queued runs of an engine that nobody refers to any more', async () => {
    const { code, signal, output } = await runScript(script('collect.mjs'), { flags: ['--expose-gc'] });
    expect({ code, signal, output }).to.deep.equal({ code: 0, signal: null, output: 'done 60\n' });
  });
});
