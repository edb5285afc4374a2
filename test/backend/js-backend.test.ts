import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import type { Backend, Feeds } from '../../lib/backend/backend.ts';
import { Interpreter } from '../../lib/backend/js/interpreter.ts';
import { Memory } from '../../lib/backend/js/memory.ts';
import { js } from '../../lib/backend/js-backend.ts';
import { add } from '../../lib/ops/add.ts';
import { fill } from '../../lib/ops/fill.ts';
import { gather } from '../../lib/ops/gather.ts';
import { matmul } from '../../lib/ops/matmul.ts';
import { scale } from '../../lib/ops/scale.ts';
import { sum } from '../../lib/ops/sum.ts';
import { recordUpdate } from '../../lib/optimizers/optimizer.ts';
import { sgd } from '../../lib/optimizers/sgd.ts';
import { Recording, record } from '../../lib/program/recording.ts';
import { codeOf, codeOfRejection } from '../code-of.ts';
import { cellProgram, plainCase } from './conformance/cell-program.ts';
import { Numbers } from './conformance/numbers.ts';
import { batchFor } from './conformance/trial.ts';

const plainLstm = plainCase('lstm', { inputSize: 2, size: 3, biases: 'one', initialState: false });

const parameters = { name: 'parameters', dtype: 'real', elements: 2 } as const;
const doubling = record(recording => ({ y: scale(recording.feed('x', ['n']), 2) }));
const feeds = (...x: number[]): Feeds => ({ sizes: { n: x.length }, values: { x: Float32Array.from(x) } });

/** Keeps the Worker busy for some time: powers of a matrix. */
const busy = record(recording => {
  let x = recording.feed('x', [128, 128]);
  for (let power = 0; power < 100; power++) x = matmul(x, x);
  return { y: sum(x) };
});
const busyFeeds = { sizes: {}, values: { x: new Float32Array(128 * 128) } };

/** p ← p − g with the gradient a feed, behind a scalar that is checked. */
function updating() {
  const recording = new Recording('train');
  const view = { storage: parameters, offset: 0, shape: [2], name: 'p' };
  const loss = recording.feed('loss', []);
  recording.check(add(loss, loss));
  recordUpdate(recording, sgd(), {
    parameters: recording.view('parameter', view),
    gradients: recording.feed('g', [2]),
    states: {},
  });
  return recording.finish();
}

const update = (loss = 1): Feeds => ({
  sizes: {},
  values: {
    loss: Float32Array.of(loss),
    g: Float32Array.of(1, 2),
    learningRate: Float32Array.of(1),
    clock: Int32Array.of(1, 0),
  },
});

const reading = record(recording => ({
  y: scale(recording.view('parameter', { storage: parameters, offset: 0, shape: [2], name: 'p' }), 1),
}));

describe('the js backend', () => {
  it('asks at every step whether it goes on, also where steps are computed again', () => {
    const asked = (recompute: boolean) => {
      const options = { ...plainLstm, recompute };
      const program = cellProgram(options, 'train');
      const { sizes, values } = batchFor(program, new Numbers(1), { lengths: [9, 4] });
      let times = 0;
      new Interpreter(
        { data: program, storages: {}, seconds: new Float64Array(program.steps.length) },
        'float64',
        new Memory(),
      ).run({ sizes, values }, () => {
        times++;
        return false;
      });
      return times;
    };
    expect(asked(true) - asked(false)).to.equal(9);
  });

  let backend: Backend;
  before(() => {
    backend = js();
  });
  after(() => backend.close());

  it('describes itself, and computes in float32 unless asked for float64', async () => {
    expect(backend).to.include({ name: 'js', isa: 'js', threads: 1, precision: 'float32' });
    const precise = js({ precision: 'float64' });
    const third = precise.load(doubling, {});
    const { y } = await third.run({ sizes: { n: 1 }, values: { x: Float64Array.of(1 / 3) } });
    expect(y).to.deep.equal(Float64Array.of(2 / 3));
    expect((await backend.load(doubling, {}).run(feeds(1 / 3))).y).to.deep.equal(Float32Array.of(2 / 3));
    await precise.close();
    // @ts-expect-error: not a precision
    expect(() => js({ precision: 'float16' })).to.throw(RangeError, "must be 'float32' or 'float64', got float16");
  });

  it('copies feeds that lie in shared memory or in the middle of an array', async () => {
    const shared = new Float32Array(new SharedArrayBuffer(16)).subarray(1, 3);
    shared.set([1, 2]);
    const running = backend.load(doubling, {}).run({ sizes: { n: 2 }, values: { x: shared } });
    shared.fill(9);
    expect((await running).y).to.deep.equal(Float32Array.of(2, 4));
    expect([...shared]).to.deep.equal([9, 9]);
  });

  it('keeps name, message and code of an error on its way from the Worker', async () => {
    const table = record(recording => ({
      y: gather(recording.feed('t', [2, 1]), recording.feed('ids', ['n'], 'int32')),
    }));
    const executable = backend.load(table, {});
    const bad = { sizes: { n: 1 }, values: { t: Float32Array.of(1, 2), ids: Int32Array.of(5) } };
    const error = await executable.run(bad).catch(reason => reason);
    expect(error)
      .to.be.instanceOf(RangeError)
      .and.include({ code: 'ERR_INDEX', message: 'gather: ids[0] is 5, expected 0…1' });
    expect(() => executable.runSync(bad))
      .to.throw(RangeError, error.message)
      .with.property('code', 'ERR_INDEX');
  });

  it('names the value that is not finite and writes nothing', async () => {
    const storages = { parameters: backend.allocate('real', 2) };
    const executable = backend.load(updating(), storages);
    const error = await executable.run(update(Number.POSITIVE_INFINITY)).catch(reason => reason);
    expect(error).to.include({ code: 'ERR_NON_FINITE', message: 'run: add.y is Infinity; nothing was written' });
    expect([...storages.parameters.array]).to.deep.equal([0, 0]);
    await executable.run(update());
    expect([...storages.parameters.array]).to.deep.equal([-1, -2]);
  });

  it('fails with ERR_MEMORY where memory does not suffice, and runs smaller sizes afterwards', async () => {
    const program = record(recording => ({ y: sum(fill(recording, ['n'], 1)) }));
    const executable = backend.load(program, {});
    const sized = (n: number) => ({ sizes: { n }, values: {} });
    const error = await executable.run(sized(2 ** 45)).catch(reason => reason);
    expect(error).to.include({ code: 'ERR_MEMORY' }).and.have.property('cause').instanceOf(RangeError);
    expect(codeOf(() => executable.runSync(sized(2 ** 45)))).to.equal('ERR_MEMORY');
    expect((await executable.run(sized(3))).y).to.deep.equal(Float32Array.of(3));
    expect(executable.runSync(sized(4)).y).to.deep.equal(Float32Array.of(4));
    expect(codeOf(() => backend.allocate('real', 2 ** 50))).to.equal('ERR_MEMORY');
  });

  it('refuses storages that are missing, too short or of another type', () => {
    const load = (storage?: ReturnType<Backend['allocate']>) => () =>
      backend.load(reading, storage ? { parameters: storage } : {});
    expect(load()).to.throw('load: the storage parameters must be 2 elements of real, it is missing');
    expect(load(backend.allocate('real', 3)))
      .to.throw('got 3 in a Float32Array')
      .with.property('code', 'ERR_ARGUMENT');
    expect(load(backend.allocate('int32', 2))).to.throw('got 2 in a Int32Array');
  });

  it('throws ERR_BUSY from runSync only while a pending run shares storage that one of the two writes', async () => {
    const storages = { parameters: backend.allocate('real', 2) };
    const [reader, writer] = [backend.load(reading, storages), backend.load(updating(), storages)];
    const other = backend.load(updating(), { parameters: backend.allocate('real', 2) });
    const nothing = { sizes: {}, values: {} };

    const writing = writer.run(update());
    expect(() => reader.runSync(nothing)).to.throw('runSync: parameters is being written by a run that is still going');
    expect(codeOf(() => writer.runSync(update()))).to.equal('ERR_BUSY');
    other.runSync(update());
    await writing;
    expect([...reader.runSync(nothing).y!]).to.deep.equal([-1, -2]);

    const read = reader.run(nothing);
    reader.runSync(nothing);
    expect(() => writer.runSync(update()))
      .to.throw('runSync: parameters is being read by a run')
      .with.property('code', 'ERR_BUSY');
    await read;
    writer.runSync(update());
  });

  it('rejects a run that was cancelled between its steps with the reason of the signal', async () => {
    const executable = backend.load(busy, {});
    await executable.run(busyFeeds);
    const abort = new AbortController();
    const running = executable.run(busyFeeds, { signal: abort.signal });
    await pause(5);
    abort.abort('no more');
    expect(await running.catch(reason => reason)).to.equal('no more');
    await executable.run(busyFeeds);
  });

  it('closes for several callers at once, after the runs under way', async () => {
    const closing = js();
    const executable = closing.load(doubling, {});
    const running = executable.run(feeds(1));
    const closed = [closing.close(), closing.close()];
    expect((await running).y).to.deep.equal(Float32Array.of(2));
    await Promise.all(closed);
    expect(await codeOfRejection(executable.run(feeds(1)))).to.equal('ERR_CLOSED');
  });

  describe('whose Worker dies', () => {
    let mortal: Backend;
    let workers: Worker[];
    const collect = (worker: Worker) => workers.push(worker);
    beforeEach(() => {
      mortal = js();
      workers = [];
      process.on('worker', collect);
    });
    afterEach(async () => {
      process.off('worker', collect);
      await mortal.close();
    });

    /** The Worker that a run has just started. */
    async function started(): Promise<Worker> {
      await pause(0);
      expect(workers).to.have.length(1);
      return workers[0]!;
    }

    it('rejects every pending run and starts another Worker for the next', async () => {
      const [slow, quick] = [mortal.load(busy, {}), mortal.load(doubling, {})];
      const pending = [slow.run(busyFeeds), quick.run(feeds(2))].map(run => run.catch(reason => reason));
      const worker = await started();
      await worker.terminate();
      for (const error of await Promise.all(pending))
        expect(error).to.include({
          code: 'ERR_BACKEND',
          message: 'run: the Worker of the js backend died; the next run starts another',
        });
      expect((await quick.run(feeds(3))).y).to.deep.equal(Float32Array.of(6));
      expect(workers).to.have.length(2);
    });

    it('says so with ERR_MEMORY where its heap was full', async () => {
      const running = mortal
        .load(busy, {})
        .run(busyFeeds)
        .catch(reason => reason);
      const worker = await started();
      const full = Object.assign(new Error('heap limit'), { code: 'ERR_WORKER_OUT_OF_MEMORY' });
      worker.emit('error', full);
      expect(await running).to.include({ code: 'ERR_MEMORY', cause: full });
      await worker.terminate();
    });

    it('while it closes, still closes', async () => {
      const running = mortal
        .load(busy, {})
        .run(busyFeeds)
        .catch(reason => reason);
      const closing = mortal.close();
      await (await started()).terminate();
      await closing;
      expect(await running).to.have.property('code', 'ERR_BACKEND');
    });
  });

  it('keeps a process alive while runs are pending and no longer', async function () {
    this.timeout(60_000);
    const script = fileURLToPath(new URL('./js-backend-script.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', chunk => (output += chunk));
    const [code] = await once(child, 'exit');
    expect({ code, output }).to.deep.equal({ code: 0, output: '2,4\n' });
  });
});
