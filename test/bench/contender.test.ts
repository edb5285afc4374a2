import { expect } from 'chai';
import { Contender, Dropped } from '../../bench/contender.ts';
import { workload } from '../../bench/workloads.ts';

describe('bench: a contender in a process of its own', () => {
  const w1 = workload('W1-LSTM')!;
  const start = (script: string, limitMs = 15_000) =>
    Contender.start({ command: process.execPath, args: ['-e', script, '--'] }, w1, 2, limitMs);
  const dropped = async (work: Promise<unknown>): Promise<Dropped> => {
    try {
      await work;
    } catch (error) {
      if (error instanceof Dropped) return error;
      throw error;
    }
    throw new Error('was not dropped');
  };
  const ready = `console.log('{"ready":"version 1"}');`;

  it('is told the workload and the threads, answers, and is timed', async () => {
    const contender = await start(`${ready}
      const told = process.argv.includes('name=W1-LSTM') && process.argv.includes('threads=2') && process.env.OMP_NUM_THREADS;
      require('readline').createInterface({ input: process.stdin }).on('line', line =>
        console.log(line === 'answer' ? JSON.stringify({ losses: [Number(told)], tensors: {} }) : '{"ms":[1.5,2.5]}'));`);
    expect(contender.settings).to.equal('version 1');
    expect((await contender.answer(5000)).losses).to.deep.equal([2]);
    expect(await contender.time(10, 1, 5000)).to.deep.equal([1.5, 2.5]);
    contender.stop();
  });

  it('may be absent', async () => {
    const { kind, message } = await dropped(start(`console.log('{"absent":"not installed"}')`));
    expect([kind, message]).to.deep.equal(['absent', 'not installed']);
  });

  it('is dropped with its own words when it crashes', async () => {
    const { kind, message } = await dropped(start(`throw new RangeError('out of luck')`));
    expect(kind).to.equal('failed');
    expect(message).to.equal('start: RangeError: out of luck');
  });

  it('is dropped when it crashes later', async () => {
    const contender = await start(`${ready} process.stdin.once('data', () => process.kill(process.pid, 'SIGKILL'))`);
    expect((await dropped(contender.answer(10_000))).message).to.match(/^answer: ended with SIGKILL/);
  });

  it('is dropped when it does not reply in time', async () => {
    const contender = await start(`${ready} setInterval(() => {}, 1000)`);
    expect((await dropped(contender.answer(100))).message).to.equal('answer: no reply within 0.1 s');
    contender.stop();
  });

  it('is dropped when it says something else', async () => {
    expect((await dropped(start(`console.log('hello')`))).kind).to.equal('failed');
  });

  it('is dropped when its program does not exist', async () => {
    const work = Contender.start({ command: '/nonexistent', args: [] }, w1, 1, 5000);
    expect((await dropped(work)).message).to.contain('ENOENT');
  });
});
