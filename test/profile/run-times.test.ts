import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { timeRuns, warmUp } from '../../lib/profile/run-times.ts';

/** Keeps the thread busy. */
function spin(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}

describe('timeRuns', () => {
  it('takes the time of each run: the shortest, the one in the middle, all together', async function () {
    this.retries(5); // it is about time, and the machine may be busy
    const lengths = [9, 3, 6];
    const { runs, minMs, medianMs, totalMs } = await timeRuns(() => spin(lengths.shift()!), { seconds: 0.01 });
    expect(runs).to.equal(3);
    expect(minMs).to.be.within(3, 6);
    expect(medianMs).to.be.within(6, 9);
    expect(totalMs).to.be.at.least(18);
  });

  it('waits for runs that are asynchronous', async () => {
    const { minMs } = await timeRuns(() => pause(5), { seconds: 0.001 });
    expect(minMs).to.be.at.least(4);
  });

  it('goes on until runs, without what is between them, took the time given', async () => {
    const { runs, totalMs } = await timeRuns(() => spin(1), { seconds: 0.05 });
    expect(totalMs).to.be.at.least(50);
    expect(runs).to.be.within(3, 50);
  });

  it('does three runs at least, however long they take', async () => {
    const { runs } = await timeRuns(() => spin(2), { seconds: 1e-9 });
    expect(runs).to.equal(3);
  });

  it('leaves the event loop turns, tells how far it is, and stops when it is told to', async () => {
    const abort = new AbortController();
    const shares: number[] = [];
    setTimeout(() => abort.abort(new Error('enough')), 50);
    const run = timeRuns(() => spin(1), { seconds: 60, signal: abort.signal, onProgress: share => shares.push(share) });
    expect(await run.catch(error => error.message)).to.equal('enough');
    expect(shares.length).to.be.above(0);
    expect(shares.every((share, index) => share > 0 && share <= 1 && share >= (shares[index - 1] ?? 0))).to.equal(true);
  });
});

describe('warmUp', () => {
  it('runs three times, or once where that takes long already', async () => {
    let runs = 0;
    await warmUp(() => runs++, { seconds: 1 });
    expect(runs).to.equal(3);
    await warmUp(() => [runs++, spin(5)], { seconds: 0.001 });
    expect(runs).to.equal(4);
  });
});
