import { expect } from 'chai';
import type { Backend, Storage } from '../../../lib/backend/backend.ts';
import { addon } from '../../../lib/backend/load.ts';
import { native } from '../../../lib/backend/native-backend.ts';
import { matmul } from '../../../lib/ops/matmul.ts';
import { record } from '../../../lib/program/recording.ts';
import { codeOf, codeOfRejection } from '../../code-of.ts';
import { readingProgram, square, writingFeeds, writingProgram, zeros } from '../programs.ts';

describe('a run of the native engine', () => {
  if (!addon) return;
  let backend: Backend;
  let memory: Storage;

  beforeEach(() => {
    backend = native({ threads: 2 });
    memory = backend.allocate('real', square * square);
    memory.array.fill(7);
  });
  afterEach(() => backend.close());

  it('writes storage past the commit point', async () => {
    await backend.load(writingProgram(), { memory }).run(writingFeeds());
    expect([...new Set(memory.array)]).to.deep.equal([square]);
  });

  it('leaves storage untouched when what is checked is not finite, and names it', async () => {
    const run = backend.load(writingProgram(), { memory }).run(writingFeeds(Number.POSITIVE_INFINITY));
    expect(await run.catch(error => [error.code, error.message])).to.deep.equal([
      'ERR_NON_FINITE',
      'run: loss is not finite at the commit point; nothing was written',
    ]);
    expect([...new Set(memory.array)]).to.deep.equal([7]);
  });

  it('ends soon after it is cancelled, leaves storage untouched and rejects with the reason', async () => {
    const executable = backend.load(writingProgram(1000), { memory });
    const controller = new AbortController();
    const reason = new Error('enough');
    const run = executable.run(writingFeeds(), { signal: controller.signal });
    setTimeout(() => controller.abort(reason), 20);
    expect(await run.catch(error => error)).to.equal(reason);
    expect([...new Set(memory.array)]).to.deep.equal([7]);
  });

  it('has read its feeds before it is queued, those over shared memory excepted', async () => {
    const executable = backend.load(readingProgram(), { memory });
    const a = zeros(square).fill(1);
    const run = executable.run({ sizes: {}, values: { a } });
    structuredClone(a.buffer, { transfer: [a.buffer] });
    expect([...new Set((await run).y)]).to.deep.equal([7 * square]);
  });

  it('turns a feed whose memory was taken away into ERR_FEED', async () => {
    const executable = backend.load(readingProgram(), { memory });
    const a = zeros(square);
    structuredClone(a.buffer, { transfer: [a.buffer] });
    expect(await codeOfRejection(executable.run({ sizes: {}, values: { a } }))).to.equal('ERR_FEED');
  });

  it('makes runSync throw ERR_BUSY while it is queued or under way, and not after', async () => {
    const reading = backend.load(readingProgram(), { memory });
    const feeds = { sizes: {}, values: { a: zeros(square) } };
    const runs = [20, 500].map(products => backend.load(writingProgram(products), { memory }).run(writingFeeds()));
    expect(codeOf(() => reading.runSync(feeds))).to.equal('ERR_BUSY');
    await runs[0];
    expect(codeOf(() => reading.runSync(feeds))).to.equal('ERR_BUSY');
    await runs[1];
    expect(codeOf(() => reading.runSync(feeds))).to.equal(undefined);
  });

  it('makes runSync throw ERR_BUSY where that would write what it reads', async () => {
    const writing = backend.load(writingProgram(), { memory });
    const reading = backend.load(readingProgram(), { memory });
    const feeds = { sizes: {}, values: { a: zeros(square) } };
    // Runs are first in, first out: behind a long one, the reading run is still queued when runSync is called.
    const other = backend.allocate('real', square * square);
    const long = backend.load(writingProgram(500), { memory: other }).run(writingFeeds());
    const run = reading.run(feeds);
    expect(codeOf(() => writing.runSync(writingFeeds()))).to.equal('ERR_BUSY');
    await Promise.all([long, run]);
  });

  it('does not stand in the way of runSync on other storage, even of a program that writes', async () => {
    const other = backend.allocate('real', square * square);
    const run = backend.load(writingProgram(50), { memory }).run(writingFeeds());
    for (let i = 0; i < 5; i++) backend.load(writingProgram(2), { memory: other }).runSync(writingFeeds());
    expect(other.array[0]).to.equal(square);
    await run;
    expect(memory.array[0]).to.equal(square);
  });

  it('gives large results in memory of their own, which can be transferred, whether it is queued or not', async () => {
    const rows = 2000;
    const program = record(r => {
      const y = matmul(r.feed('a', ['rows', 1]), r.feed('b', [1, square]));
      return { y, z: matmul(y, r.feed('c', [square, square])) };
    });
    const executable = backend.load(program, {});
    const feeds = (of: number) => ({
      sizes: { rows },
      values: {
        a: Float32Array.from({ length: rows }, (_, row) => row + of),
        b: new Float32Array(square).fill(1),
        c: zeros(square).fill(1),
      },
    });
    const queued = [1, 2].map(of => executable.run(feeds(of)));
    const all = [...(await Promise.all(queued)), executable.runSync(feeds(3))];
    for (const [index, { y, z }] of all.entries()) {
      for (const row of [0, 1, 999, 1000, rows - 1]) {
        expect([...new Set(y!.subarray(row * square, (row + 1) * square))]).to.deep.equal([row + index + 1]);
        expect(z![(row + 1) * square - 1]).to.equal(square * (row + index + 1));
      }
      structuredClone(y, { transfer: [y!.buffer as ArrayBuffer] });
      expect([y!.length, z!.length]).to.deep.equal([0, rows * square]);
    }
  });

  it('may be one of many of the same program, queued and at once', async () => {
    const reading = backend.load(readingProgram(), { memory });
    const feeds = { sizes: {}, values: { a: zeros(square).fill(1) } };
    const queued = Array.from({ length: 50 }, () => reading.run(feeds));
    for (let i = 0; i < 50; i++) expect(reading.runSync(feeds).y![0]).to.equal(7 * square);
    for (const { y } of await Promise.all(queued)) expect(y![0]).to.equal(7 * square);
  });

  it('leaves the event loop free', async () => {
    let turns = 0;
    let running = true;
    const turn = () => {
      turns++;
      if (running) setImmediate(turn);
    };
    turn();
    await backend.load(writingProgram(100), { memory }).run(writingFeeds());
    running = false;
    expect(turns).to.be.greaterThan(100);
  });

  it('counts denormal numbers as zero and leaves those of JavaScript alone', async () => {
    const reading = backend.load(readingProgram(), { memory });
    memory.array.fill(2 ** -149);
    const feeds = { sizes: {}, values: { a: zeros(square).fill(1) } };
    const synchronous = reading.runSync(feeds).y!;
    expect(Math.fround(memory.array[0]! * 3)).to.equal(3 * 2 ** -149);
    expect(synchronous[0]).to.equal(0);
    expect((await reading.run(feeds)).y![0]).to.equal(0);
  });

  it('rejects with ERR_MEMORY where its arena cannot be had', async () => {
    const far = 2 ** 22;
    const program = record(r => ({ y: matmul(r.feed('a', ['rows', 1]), r.feed('b', [1, 'columns'])) }));
    const run = backend.load(program, {}).run({
      sizes: { rows: far, columns: far },
      values: { a: new Float32Array(far), b: new Float32Array(far) },
    });
    expect(await codeOfRejection(run)).to.equal('ERR_MEMORY');
  });
});
