import { expect } from 'chai';
import { type Contender, Dropped } from '../../bench/contender.ts';
import type { Definition } from '../../bench/contenders.ts';
import { contest, start } from '../../bench/contest.ts';
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
      `const { env } = process;
       console.log('{"ready":"${name}"}');
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

  it('is kept to an instruction set by its environment', async () => {
    const definition: Definition = {
      threaded: true,
      keptTo: isa => ({ KEPT_TO: isa }),
      refuses: () => undefined,
      launches: () => [
        { ...launch(`' + [env.KEPT_TO, env.OTHER] + '`, `'{"ms":[4]}'`), environment: { OTHER: 'stays' } },
      ],
    };
    const settings = async (isa?: 'avx2') => {
      const started = await start('onednn', definition, 1, stream, { limit: 15, isa });
      started.contender.stop();
      return started.contender.settings;
    };
    expect(await settings('avx2')).to.equal('avx2,stays');
    expect(await settings()).to.equal(',stays');
  });

  it('does not take part where nothing keeps it to the instruction set', async () => {
    const options = { limit: 15, rounds: 1, seconds: 0.01, isa: 'avx2' } as const;
    const [result] = await contest(stream, 1, ['torch'], options, () => {});
    expect(result!.outcome).to.deep.equal({ kind: 'refuses', reason: 'nothing keeps it to avx2' });
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
