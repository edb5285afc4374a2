import { expect } from 'chai';
import { addon } from '../../../lib/backend/load.ts';
import { native } from '../../../lib/backend/native-backend.ts';
import { lstm } from '../../../lib/ops/lstm.ts';
import { record } from '../../../lib/program/recording.ts';
import { expectSameBits } from '../../backend/conformance/agreement.ts';
import { Numbers } from '../../backend/conformance/numbers.ts';
import { batchFor, Trial } from '../../backend/conformance/trial.ts';
import { runScript } from '../run-script.ts';

describe('the cores of the process', function () {
  if (!addon) return;
  this.timeout(60_000);
  const threads = Math.max(2, addon.cores);
  const printed = async (script: string, ...args: readonly (string | number)[]) => {
    const { code, signal, output } = await runScript(new URL(script, import.meta.url), { args: args.map(String) });
    expect({ code, signal }, script).to.deep.equal({ code: 0, signal: null });
    return output;
  };

  for (const where of ['in one environment', 'in two worker threads'])
    it(`are shared by two engines that run at the same time, ${where}`, async function () {
      if (process.platform !== 'linux') this.skip(); // threads are counted in /proc
      const output = await printed('shared-cores.mjs', where.endsWith('worker threads') ? 'workers' : 'here', threads);
      const [busiest, all] = output.split(' of ').map(Number);
      expect(all).to.be.greaterThan(0);
      expect(busiest! / all!, `of ${all} ticks, by the busiest ${threads} threads`).to.be.greaterThan(0.85);
    });

  it('are not used after a run', async function () {
    if (process.platform !== 'linux') this.skip();
    const { ms, runnable } = JSON.parse(await printed('idle.mjs', threads));
    expect(ms).to.be.below(20);
    expect(runnable, 'threads that look for something to do').to.equal(0);
  });

  it('are left alone by a product of microseconds, if they have gone to sleep', async function () {
    if (process.platform !== 'linux') this.skip(); // other systems count other things
    expect(Number(await printed('sleepers.mjs', threads, 64))).to.be.below(20);
  });

  it('compute the same bits, however they are shared', async () => {
    const size = 48;
    const program = record(r => {
      const x = r.feed('x', [r.layout('input').tokens, size]);
      const weight = (name: string) => r.feed(name, [size, 4 * size]);
      const inputs = { x, inputWeight: weight('inputWeight'), recurrentWeight: weight('recurrentWeight') };
      return { y: lstm(inputs, { direction: 'forward' }).y };
    });
    const batch = batchFor(program, new Numbers(3), { lengths: new Array(20).fill(30), largest: () => 0.2 });
    const backends = [1, 2, 3].map(threads => native({ threads }));
    const trials = backends.map(backend => new Trial(backend, program));
    const expected = await trials[0]!.run(batch);
    for (let time = 0; time < 20; time++)
      for (const results of await Promise.all(trials.map(trial => trial.run(batch))))
        expectSameBits(results, expected, `time ${time}`);
    await Promise.all(backends.map(backend => backend.close()));
  });
});
