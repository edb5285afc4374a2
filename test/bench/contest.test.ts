import { expect } from 'chai';
import { type Contender, Dropped } from '../../bench/contender.ts';
import type { Definition } from '../../bench/contenders.ts';
import { start } from '../../bench/contest.ts';
import { Absent } from '../../bench/serve.ts';
import { workload } from '../../bench/workloads.ts';

describe('bench: a contender with several ways to start', () => {
  const stream = workload('W5S-RNN-128')!;
  let contender: Contender | undefined;
  const startWith = async (launches: Definition['launches']) => {
    const definition = { threaded: true, refuses: () => undefined, launches };
    const started = await start('torch', definition, 1, stream, { limit: 15 });
    contender = started.contender;
    return { settings: contender.settings, step: started.step };
  };
  afterEach(() => contender?.stop());
  const launch = (name: string, replies: string) => ({
    command: process.execPath,
    args: [
      '-e',
      `console.log('{"ready":"${name}"}');
       require('readline').createInterface({ input: process.stdin }).on('line', line =>
         console.log(line === 'answer' ? '{"losses":[],"tensors":{}}' : ${replies}));`,
      '--',
    ],
  });
  const reasonOf = (error: unknown) => (error instanceof Dropped ? `${error.kind}: ${error.message}` : String(error));

  it('starts in the one whose fastest step is the fastest', async () => {
    const chosen = await startWith(() => [
      launch('slow', `'{"ms":[5,4]}'`),
      launch('fast', `'{"ms":[9,3]}'`),
      launch('middle', `'{"ms":[4,4]}'`),
    ]);
    expect(chosen).to.deep.equal({ settings: 'fast', step: 3 });
  });

  it('goes without those that fail, whenever they do, and says so', async () => {
    const chosen = await startWith(() => [
      { command: '/nonexistent', args: [] },
      launch('crashes when timed', 'process.exit(3)'),
      launch('works', `'{"ms":[4]}'`),
    ]);
    expect(chosen.settings).to.match(/^works; .* failed: start: .*ENOENT; .* failed: time: ended with exit code 3$/);
  });

  it('is dropped where all fail, for the first reason', async () => {
    const missing = { command: '/nonexistent', args: [] };
    const error = await startWith(() => [missing, launch('crashes', 'process.exit(3)')]).catch(reasonOf);
    expect(error).to.match(/^failed: start: .*ENOENT/);
    const absent = await startWith(() => {
      throw new Absent('not installed');
    }).catch(reasonOf);
    expect(absent).to.contain('not installed');
  });
});
