import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import type { Backend, Executable } from '../../../lib/backend/backend.ts';
import { matmul } from '../../../lib/ops/matmul.ts';
import { square } from '../../../lib/ops/square.ts';
import { sum } from '../../../lib/ops/sum.ts';
import { tanh } from '../../../lib/ops/tanh.ts';
import { recordUpdate } from '../../../lib/optimizers/optimizer.ts';
import { sgd } from '../../../lib/optimizers/sgd.ts';
import type { Program } from '../../../lib/program/program.ts';
import { record } from '../../../lib/program/recording.ts';
import { codeOf, codeOfRejection } from '../../code-of.ts';
import { expectSameBits } from './agreement.ts';
import { classifier } from './models.ts';
import { Numbers } from './numbers.ts';
import { initialValues, trainingBatch } from './training.ts';
import { type Batch, batchFor, Trial } from './trial.ts';

const lengths = [3, 5, 0, 1];
const model = classifier();
const large = classifier({ size: 64, vocabulary: 50, embedding: 32 });

/** A model in training with fresh parameters, and its batches by step. */
function training(backend: Backend, of = model) {
  const numbers = new Numbers(31);
  const trial = new Trial(backend, of.program, initialValues(of.program, of.optimizer, numbers));
  return { trial, batch: (step: number, sequences = lengths) => trainingBatch(of, step, new Numbers(step), sequences) };
}

/** A program that reads a model's parameters and writes nothing: the sum of their squares. */
function reading(trial: Trial): Executable {
  const parameters = trial.executable.program.storages.find(({ name }) => name === 'parameters')!;
  const program = record(recording => {
    const p = recording.view('parameter', { storage: parameters, offset: 0, shape: [parameters.elements], name: 'p' });
    return { norm: sum(square(p)) };
  });
  return trial.backend.load(program, trial.storages);
}

/** A program that does nothing but update several large storages. */
function severalUpdates(): Program {
  const storage = (name: string) => ({ name, dtype: 'real', elements: 2 ** 20 }) as const;
  const view = (name: string) => ({ storage: storage(name), offset: 0, shape: [2 ** 20], name });
  return record(
    recording => {
      const gradients = recording.view('gradient', view('gradients'));
      for (const name of ['first', 'second', 'third', 'fourth', 'fifth', 'sixth']) {
        const parameters = recording.view('parameter', view(name));
        recordUpdate(recording, sgd(), { parameters, gradients, states: {} });
      }
      return {};
    },
    { mode: 'train' },
  );
}

/** Lengths of sequences that keep a backend busy for a while in a training step of the large model, and how long. */
async function slowLengths(backend: Backend, leastMs: number): Promise<{ long: number[]; took: number }> {
  for (let steps = 64; ; steps *= 2) {
    const long = [steps, steps, steps, steps];
    const { trial, batch } = training(backend, large);
    const times: number[] = [];
    for (const _ of ['cold', 'warm']) {
      const begin = performance.now();
      await trial.run(batch(1, long));
      times.push(performance.now() - begin);
    }
    const took = Math.min(...times);
    if (took >= leastMs) return { long, took };
  }
}

export function itKeepsTheRulesOfARun(open: () => Backend): void {
  let long: number[];
  let took: number;
  before(async function () {
    this.timeout(60_000);
    ({ long, took } = await slowLengths(open(), 250));
  });

  it('returns the same bits from run and runSync', async () => {
    const [one, two] = [training(open()), training(open())];
    for (const step of [1, 2]) {
      expectSameBits(await one.trial.run(one.batch(step)), two.trial.runSync(two.batch(step)), `step ${step}`);
      expectSameBits(one.trial.stored(), two.trial.stored(), `storage after step ${step}`);
    }
  });

  it('runs first in, first out, each run seeing what the one before wrote', async () => {
    const [queued, awaited] = [training(open()), training(open())];
    const order: number[] = [];
    const promises = [1, 2, 3, 4, 5].map(step =>
      queued.trial.run(queued.batch(step)).then(results => {
        order.push(step);
        return results;
      }),
    );
    const results = await Promise.all(promises);
    expect(order).to.deep.equal([1, 2, 3, 4, 5]);
    for (const step of [1, 2, 3, 4, 5])
      expectSameBits(results[step - 1]!, await awaited.trial.run(awaited.batch(step)), `step ${step}`);
    expectSameBits(queued.trial.stored(), awaited.trial.stored(), 'storage');
  });

  it('has read the feeds when run returns', async () => {
    const { trial, batch } = training(open());
    const expected = training(open()).trial.runSync(batch(1));
    const feeds = trial.feeds(batch(1));
    const running = trial.executable.run(feeds);
    for (const values of Object.values(feeds.values)) values.fill(1);
    expectSameBits(await running, expected, 'results');
  });

  it('gives results that later runs leave alone and that the caller may write', async () => {
    const { trial, batch } = training(open());
    const first = await trial.run(batch(1));
    const kept = Object.fromEntries(Object.entries(first).map(([name, value]) => [name, value.slice()]));
    const second = await trial.run(batch(2));
    expectSameBits(first, kept, 'the first results');
    for (const value of Object.values(second)) value.fill(7);
    const again = training(open());
    for (const step of [1, 2]) await again.trial.run(again.batch(step));
    expectSameBits(await trial.run(batch(3)), await again.trial.run(again.batch(3)), 'the third results');
  });

  it('plans anew for sizes that grow, and keeps its results when they shrink again', async () => {
    const { trial, batch } = training(open());
    for (const [index, sequences] of [[2], [9, 40, 3], [1, 1], [200], [0, 0, 3]].entries()) {
      const fresh = training(open()).trial;
      for (const [name, values] of Object.entries(trial.stored())) fresh.write(name, values);
      const next = batch(index + 1, sequences);
      const expected = await fresh.run(next);
      expectSameBits(await trial.run(next), expected, `lengths ${sequences}`);
      expectSameBits(trial.stored(), fresh.stored(), `storage after lengths ${sequences}`);
    }
  });

  it('runs on nothing: no sequences, or only empty ones', async () => {
    for (const sequences of [[], [0], [0, 0, 0]]) {
      const { trial, batch } = training(open());
      const { loss } = await trial.run(batch(1, sequences));
      expect(loss![0], `lengths [${sequences}]`).to.satisfy(Number.isFinite);
    }
  });

  it('sees parameters that were written between runs, once they are touched', async () => {
    const { trial, batch } = training(open());
    await trial.run(batch(1));
    const fresh = training(open()).trial;
    for (const [name, values] of Object.entries(trial.stored())) fresh.write(name, values);
    const halved = trial.stored().parameters!.map(value => value * 0.5);
    for (const each of [trial, fresh]) each.write('parameters', halved);
    expectSameBits(await trial.run(batch(2)), await fresh.run(batch(2)), 'results');
  });

  it('shares storage between programs', async () => {
    const { trial, batch } = training(open());
    const norm = () => Number(reading(trial).runSync({ sizes: {}, values: {} }).norm![0]);
    const before = norm();
    await trial.run(batch(1));
    const squares = Array.from(trial.storages.parameters!.array, value => value * value);
    const expected = squares.reduce((total, value) => total + value, 0);
    expect(norm()).to.be.closeTo(expected, 1e-5 * expected);
    expect(norm()).not.to.equal(before);
  });

  it('tells how long each step took since it was asked before, of runs that ended well', async () => {
    const { trial, batch } = training(open());
    const { executable } = trial;
    const nothing = executable.program.steps.map(() => 0);
    const asked = () => [...executable.times()];
    await trial.run(batch(1));
    expect(asked(), 'the clock did not run yet').to.deep.equal(nothing);
    const begin = performance.now();
    for (const step of [2, 3, 4]) await trial.run(batch(step));
    trial.runSync(batch(5));
    const seconds = asked();
    expect(seconds.every(value => value >= 0)).to.equal(true);
    expect(seconds.reduce((sum, value) => sum + value)).to.be.within(1e-6, (performance.now() - begin) / 1000);
    expect(asked(), 'nothing ran since').to.deep.equal(nothing);
    trial.write('parameters', [Number.NaN]);
    await codeOfRejection(
      trial.run({ ...batch(6), values: { ...batch(6).values, ids: batch(6).values.ids!.fill(0) } }),
    );
    expect(asked(), 'what was rejected').to.deep.equal(nothing);
  });

  it('rejects with ERR_NON_FINITE and writes neither parameters nor state when the loss is not finite', async () => {
    const { trial, batch } = training(open());
    await trial.run(batch(1));
    const { gradients: _, ...before } = trial.stored();
    trial.write('parameters', [Number.NaN]);
    const everywhere = { ...batch(2), values: { ...batch(2).values, ids: batch(2).values.ids!.map(() => 0) } };
    expect(await codeOfRejection(trial.run(everywhere))).to.equal('ERR_NON_FINITE');
    trial.write('parameters', [before.parameters![0]!]);
    const { gradients: __, ...after } = trial.stored();
    expectSameBits(after, before, 'storage');
    const undisturbed = training(open());
    await undisturbed.trial.run(undisturbed.batch(1));
    expectSameBits(await trial.run(batch(3)), await undisturbed.trial.run(batch(3)), 'the next run');
  });

  it('leaves parameters and state untouched when it is cancelled half-way, and carries on', async function () {
    this.retries(3); // it is about time, and the machine may be busy
    const { trial, batch } = training(open(), large);
    const before = trial.stored();
    const slow = trial.feeds(batch(1, long));
    const abort = new AbortController();
    const reason = new Error('enough');
    setTimeout(() => abort.abort(reason), 10);
    const outcome = await trial.executable.run(slow, { signal: abort.signal }).catch(error => error);
    expect(outcome).to.equal(reason);
    // The gradients too: the run ended long before it could compute them.
    expectSameBits(trial.stored(), before, 'storage');
    await trial.run(batch(1));
    expect(trial.stored().parameters).not.to.deep.equal(before.parameters);
  });

  it('writes everything or nothing, whenever it is cancelled', async () => {
    const program = severalUpdates();
    const names = program.storages.map(({ name }) => name).filter(name => name !== 'gradients');
    const trial = new Trial(open(), program);
    trial.write('gradients', new Float32Array(trial.storages.gradients!.array.length).fill(-1));
    const feeds = trial.feeds({ sizes: {}, values: { learningRate: Float64Array.of(1), clock: Int32Array.of(1, 0) } });
    let updates = 0;
    for (const delay of [0, 1, 2, 4, 8, 16, 32, 64]) {
      const abort = new AbortController();
      setTimeout(() => abort.abort(), delay);
      const done = await trial.executable.run(feeds, { signal: abort.signal }).then(
        () => true,
        () => false,
      );
      if (done) updates++;
      for (const name of names) {
        const { array } = trial.storages[name]!;
        expect([array[0], array.at(-1)], `${name} after ${delay} ms`).to.deep.equal([updates, updates]);
      }
    }
    expect(updates, 'runs that were past the commit point in time').to.be.greaterThan(0);
  });

  it('gives up soon after it is cancelled: it asks at every step of time', async function () {
    this.retries(3); // it is about time, and the machine may be busy
    const { trial, batch } = training(open(), large);
    const slow = trial.feeds(batch(1, long));
    const abort = new AbortController();
    let cancelled = Number.NaN;
    setTimeout(() => {
      cancelled = performance.now();
      abort.abort();
    }, 10);
    await trial.executable.run(slow, { signal: abort.signal }).catch(() => undefined);
    expect(performance.now() - cancelled, 'ms until the run gave up').to.be.below(took / 4);
  });

  it('rejects a run whose signal is aborted before or while it waits, and runs the others', async () => {
    const { trial, batch } = training(open(), large);
    const [early, late] = [new AbortController(), new AbortController()];
    early.abort();
    const runs = Promise.allSettled([
      trial.run(batch(1, long)),
      trial.executable.run(trial.feeds(batch(2)), { signal: early.signal }),
      trial.executable.run(trial.feeds(batch(2)), { signal: late.signal }),
      trial.run(batch(3)),
    ]);
    late.abort(new Error('not needed'));
    const [first, refused, waiting, last] = await runs;
    expect(reasonOf(refused)).to.have.property('name', 'AbortError');
    expect(reasonOf(waiting)).to.have.property('message', 'not needed');
    expect([first.status, last.status]).to.deep.equal(['fulfilled', 'fulfilled']);
    const after = trial.stored();
    const only = training(open(), large).trial;
    await only.run(batch(1, long));
    await only.run(batch(3));
    expectSameBits(only.stored(), after, 'storage');
  });

  it('ignores a signal that is aborted after the run', async () => {
    const { trial, batch } = training(open());
    const abort = new AbortController();
    await trial.executable.run(trial.feeds(batch(1)), { signal: abort.signal });
    abort.abort();
    await trial.run(batch(2));
  });

  it('throws ERR_BUSY from runSync while a run writes the parameters it reads, and not for others', async () => {
    const backend = open();
    const { trial, batch } = training(backend, large);
    const reader = reading(trial);
    const other = reading(training(backend).trial);
    const read = (executable: Executable) => codeOf(() => executable.runSync({ sizes: {}, values: {} }));
    const writing = trial.run(batch(1, long));
    expect(read(reader)).to.equal('ERR_BUSY');
    expect(read(other)).to.equal(undefined);
    await writing;
    expect(read(reader)).to.equal(undefined);
  });

  it('leaves the event loop alone while it computes', async function () {
    this.retries(3); // it is about time, and the machine may be busy
    const { trial, batch } = training(open(), large);
    const slow = trial.feeds(batch(1, long));
    const begin = performance.now();
    let [longest, last, done] = [0, begin, false];
    const running = trial.executable.run(slow).finally(() => {
      done = true;
    });
    while (!done) {
      await pause(1);
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }
    await running;
    expect(longest, 'ms between two turns of the event loop').to.be.below((performance.now() - begin) / 2);
  });

  it('refuses feeds that do not fit with ERR_FEED, naming the feed', async () => {
    const { trial, batch } = training(open());
    const { sizes, values } = trial.feeds(batch(1));
    const { ids, ...withoutIds } = values;
    const refused = async (feeds: Parameters<typeof trial.executable.run>[0], name: RegExp) => {
      const error = await trial.executable.run(feeds).then(
        () => undefined,
        (reason: Error & { code: string }) => reason,
      );
      expect(error?.code).to.equal('ERR_FEED');
      expect(error?.message).to.match(name);
      expect(codeOf(() => trial.executable.runSync(feeds))).to.equal('ERR_FEED');
    };
    await refused({ sizes, values: withoutIds }, /ids/);
    await refused({ sizes, values: { ...values, ids: ids!.subarray(1) } }, /ids/);
    await refused({ sizes, values: { ...values, ids: Float32Array.from(ids!) } }, /ids/);
    await refused({ sizes: { ...sizes, batch: -1 }, values }, /batch/);
    const { batch: _, ...withoutBatch } = sizes;
    await refused({ sizes: withoutBatch, values }, /batch/);
  });

  it('rejects an id outside the table with ERR_INDEX and writes nothing', async () => {
    for (const wrong of [-1, 23, 2 ** 31 - 1]) {
      const { trial, batch } = training(open());
      const before = trial.stored().parameters;
      const feeds = batch(1);
      const ids = Int32Array.from(feeds.values.ids!);
      ids[ids.length - 1] = wrong;
      const bad: Batch = { ...feeds, values: { ...feeds.values, ids } };
      expect(await codeOfRejection(trial.run(bad)), String(wrong)).to.equal('ERR_INDEX');
      expect(trial.stored().parameters).to.deep.equal(before);
      await trial.run(feeds);
    }
  });

  it('refuses a layout that would reach outside its rows', async () => {
    const { trial, batch } = training(open());
    const feeds = batch(1);
    const layouts = {
      'input.order': [Int32Array.of(0, 1, 2, 4), Int32Array.of(0, 1, 2, -1), Int32Array.of(0, 1, 1, 2)],
      'input.offsets': [
        Int32Array.of(-1, 3, 5, 7, 8),
        Int32Array.of(0, 3, 2, 7, 8),
        Int32Array.of(0, 3, 5, 7, 90),
        Int32Array.of(0, 1, 3, 5, 7),
        Int32Array.of(0, 5, 6, 7, 8),
      ],
    };
    for (const [name, wrong] of Object.entries(layouts))
      for (const layout of wrong) {
        const bad: Batch = { ...feeds, values: { ...feeds.values, [name]: layout } };
        expect(await codeOfRejection(trial.run(bad)), `${name} ${layout}`).to.equal('ERR_INDEX');
      }
    await trial.run(feeds);
  });

  it('refuses to load a program with an operation it does not know', () => {
    const program = record(recording => ({
      y: recording.append({ name: 'frobnicate' }, { x: recording.feed('x', [2]) }, {}, { y: { shape: [2] } }).y!,
    }));
    expect(codeOf(() => open().load(program, {}))).to.equal('ERR_BACKEND');
  });

  it('allocates zeroed shared memory of its precision', () => {
    const backend = open();
    for (const elements of [0, 1, 17, 4096]) {
      const { array } = backend.allocate('real', elements);
      expect(array.length).to.equal(elements);
      expect(array.every(value => value === 0)).to.equal(true);
      expect(array.buffer).to.be.instanceOf(SharedArrayBuffer);
      expect(array.BYTES_PER_ELEMENT).to.equal(backend.precision === 'float64' ? 8 : 4);
    }
    expect(backend.allocate('int32', 3).array).to.be.instanceOf(Int32Array);
  });

  it('computes with a program that has no feeds and no sizes, and with scalars', async () => {
    const program = record(recording => {
      const x = recording.feed('x', []);
      return { y: tanh(x), constant: matmul(recording.feed('a', [1, 1]), recording.feed('b', [1, 1])) };
    });
    const trial = new Trial(open(), program);
    const batch = batchFor(program, new Numbers(3));
    const { y } = await trial.run(batch);
    expect(y![0]).to.be.closeTo(Math.tanh(batch.values.x![0]!), 1e-6);
  });
}

/** They close backends, so they open their own. */
export function itCloses(open: () => Backend): void {
  it('finishes the runs under way when it is closed and rejects later ones with ERR_CLOSED', async () => {
    const backend = open();
    const { trial, batch } = training(backend);
    const running = [trial.run(batch(1)), trial.run(batch(2))];
    const closing = backend.close();
    expect(await codeOfRejection(trial.run(batch(3)))).to.equal('ERR_CLOSED');
    await Promise.all(running);
    await closing;
    expect(codeOf(() => trial.runSync(batch(3)))).to.equal('ERR_CLOSED');
  });

  it('may be closed twice, and before it ran anything', async () => {
    const backend = open();
    await backend.close();
    await backend.close();
  });
}

function reasonOf(outcome: PromiseSettledResult<unknown>): unknown {
  return outcome.status === 'rejected' ? outcome.reason : undefined;
}
