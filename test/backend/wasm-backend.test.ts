import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import type { Backend, Feeds } from '../../lib/backend/backend.ts';
import { js } from '../../lib/backend/js-backend.ts';
import { namedSizes } from '../../lib/backend/names.ts';
import { encodeProgram } from '../../lib/backend/wasm/encode-program.ts';
import { Engine } from '../../lib/backend/wasm/engine.ts';
import { Instance } from '../../lib/backend/wasm/instance.ts';
import { loadWasm } from '../../lib/backend/wasm/load.ts';
import { makeStorage } from '../../lib/backend/wasm/storage.ts';
import { WasmProgram } from '../../lib/backend/wasm/wasm-program.ts';
import { wasm } from '../../lib/backend/wasm-backend.ts';
import { fill } from '../../lib/ops/fill.ts';
import { gather } from '../../lib/ops/gather.ts';
import { rnn } from '../../lib/ops/rnn.ts';
import { scale } from '../../lib/ops/scale.ts';
import { sum } from '../../lib/ops/sum.ts';
import { type Recording, record } from '../../lib/program/recording.ts';
import { codeOf, codeOfRejection } from '../code-of.ts';
import { classifier } from './conformance/models.ts';
import { Numbers } from './conformance/numbers.ts';
import { batchFor, Trial } from './conformance/trial.ts';

const doubling = record(recording => ({ y: scale(recording.feed('x', ['n']), 2) }));
const feeds = (...x: number[]): Feeds => ({ sizes: { n: x.length }, values: { x: Float32Array.from(x) } });
const nothing: Feeds = { sizes: {}, values: {} };

const weights = { name: 'weights', dtype: 'real', elements: 3 } as const;
const view = (recording: Recording) =>
  recording.view('parameter', { storage: weights, offset: 1, shape: [2], name: 'w' });
const reading = record(recording => ({ y: scale(view(recording), 10) }));
const summing = record(recording => ({ y: sum(fill(recording, ['n'], 1)) }));

const loaded = loadWasm();

describe('the wasm backend', () => {
  if ('error' in loaded) return it('is not tested: there is no module; npm run build:wasm');
  const { module } = loaded;
  let backend: Backend;
  before(() => {
    backend = wasm();
  });
  after(() => backend.close());

  it('describes itself', () => {
    expect(backend).to.include({ name: 'wasm', isa: 'wasm', threads: 1, precision: 'float32' });
  });

  it('computes the same bits every time, on the calling thread and in its Worker', async () => {
    const x = Array.from({ length: 1000 }, (_, index) => Math.sin(index));
    const executable = backend.load(doubling, {});
    const { y } = await executable.run(feeds(...x));
    expect(executable.runSync(feeds(...x)).y).to.deep.equal(y);
  });

  it('sees on one thread what was written on another, or by hand', async () => {
    const storages = { weights: backend.allocate('real', 3) };
    const executable = backend.load(reading, storages);
    const both = async () => [[...executable.runSync(nothing).y!], [...(await executable.run(nothing)).y!]];
    for (const values of [
      [1, 2, 3],
      [4, 5, 6],
    ]) {
      storages.weights.array.set(values);
      storages.weights.touch();
      const expected = [values[1]! * 10, values[2]! * 10];
      expect(await both()).to.deep.equal([expected, expected]);
    }
  });

  it('packs weights anew when they were written', () => {
    const [recurrent, input] = ['recurrent', 'input'].map(name => ({ name, dtype: 'real', elements: 16 }) as const);
    const program = record(recording => {
      const { tokens } = recording.layout('input');
      const weight = (storage: typeof input) =>
        recording.view('parameter', { storage: storage!, offset: 0, shape: [4, 4], name: storage!.name });
      const { hN } = rnn(
        { x: recording.feed('x', [tokens, 4]), inputWeight: weight(input), recurrentWeight: weight(recurrent) },
        { direction: 'forward', activation: 'tanh' },
      );
      return { hN };
    });
    const trial = new Trial(backend, program, {
      input: new Float64Array(16).fill(0.5),
      recurrent: new Float64Array(16).fill(0.5),
    });
    const batch = batchFor(program, new Numbers(1), { lengths: [3, 2] });
    expect(trial.runSync(batch).hN!.some(value => value !== 0)).to.equal(true);
    trial.write('input', new Float64Array(16));
    expect(trial.runSync(batch).hN!.every(value => value === 0)).to.equal(true);
  });

  it('gives results that later runs leave alone', () => {
    const executable = backend.load(doubling, {});
    const { y } = executable.runSync(feeds(1, 2));
    executable.runSync(feeds(3, 4));
    expect(y).to.deep.equal(Float32Array.of(2, 4));
  });

  it('keeps nothing of what a run wrote that failed', () => {
    const storage = { name: 'kept', dtype: 'real', elements: 1 } as const;
    const kept = { storage, offset: 0, shape: [1], name: 'g' } as const;
    const storing = record(recording => {
      const x = recording.feed('x', [1]);
      recording.store(scale(x, 1), kept);
      const loss = sum(x);
      recording.check(loss);
      return { loss };
    });
    const showing = record(recording => ({ y: scale(recording.view('gradient', kept), 1) }));
    const storages = { kept: backend.allocate('real', 1) };
    const [store, show] = [backend.load(storing, storages), backend.load(showing, storages)];
    const run = (x: number) => store.runSync({ sizes: {}, values: { x: Float32Array.of(x) } });
    run(3);
    expect(codeOf(() => run(Number.POSITIVE_INFINITY))).to.equal('ERR_NON_FINITE');
    expect([...show.runSync(nothing).y!, ...storages.kept.array]).to.deep.equal([3, 3]);
  });

  it('refuses storages that another backend allocated', async () => {
    const other = js();
    expect(codeOf(() => backend.load(reading, { weights: other.allocate('real', 3) }))).to.equal('ERR_ARGUMENT');
    await other.close();
  });

  it('names the value that is not finite', () => {
    const program = record(recording => {
      const y = scale(recording.feed('x', []), 2);
      recording.check(y);
      return { y };
    });
    const infinite = { sizes: {}, values: { x: Float32Array.of(Number.POSITIVE_INFINITY) } };
    expect(() => backend.load(program, {}).runSync(infinite))
      .to.throw('run: y is not finite; nothing was written')
      .with.property('code', 'ERR_NON_FINITE');
  });

  it('keeps class, message and code of an error on its way from the Worker', async () => {
    const table = record(recording => ({
      y: gather(recording.feed('t', [2, 1]), recording.feed('ids', ['n'], 'int32')),
    }));
    const executable = backend.load(table, {});
    const bad = { sizes: { n: 1 }, values: { t: Float32Array.of(1, 2), ids: Int32Array.of(5) } };
    const error = await executable.run(bad).catch(reason => reason);
    expect(error).to.be.instanceOf(RangeError).and.include({ code: 'ERR_INDEX' });
    expect(error.message).to.include('ids[0] is 5, expected 0 … 1');
    expect(() => executable.runSync(bad)).to.throw(RangeError, error.message);
  });

  it('fails with ERR_MEMORY where memory does not suffice, and runs smaller sizes afterwards', async () => {
    const executable = backend.load(summing, {});
    const sized = (n: number): Feeds => ({ sizes: { n }, values: {} });
    for (const n of [2 ** 45, 2 ** 31, 2 ** 30]) {
      expect(await codeOfRejection(executable.run(sized(n))), String(n)).to.equal('ERR_MEMORY');
      expect(
        codeOf(() => executable.runSync(sized(n))),
        String(n),
      ).to.equal('ERR_MEMORY');
    }
    expect((await executable.run(sized(3))).y).to.deep.equal(Float32Array.of(3));
    expect(executable.runSync(sized(4)).y).to.deep.equal(Float32Array.of(4));
    expect(codeOf(() => backend.allocate('real', 2 ** 50))).to.equal('ERR_MEMORY');
  });

  it('fails with ERR_MEMORY where bytes are more than 32 bits count', () => {
    const merging = record(recording => {
      const inputs = { x0: recording.feed('x', [1, 1]), ids0: recording.feed('ids', [1], 'int32') };
      const outputs = { rows0: { shape: [1, 1] }, at0: { shape: [1], dtype: 'int32' } } as const;
      return { y: recording.append({ name: 'mergeRows' }, inputs, { rows: 2 ** 29, ignore: -1 }, outputs).rows0! };
    });
    const values = { x: new Float32Array(1), ids: Int32Array.of(2 ** 29 - 1) };
    expect(codeOf(() => backend.load(merging, {}).runSync({ sizes: {}, values }))).to.equal('ERR_MEMORY');
  });

  it('keeps its memory when runs fail over and over', () => {
    const engine = new Engine(module);
    const program = new WasmProgram(engine, {
      data: record(recording => ({ y: gather(recording.feed('t', [2, 1]), recording.feed('ids', ['n'], 'int32')) })),
      storages: {},
      seconds: new Float64Array(1),
    });
    const ids = new Int32Array(1000).fill(-1);
    const bytes = () => engine.with(({ exports }) => exports.memory.buffer.byteLength);
    const fail = () => codeOf(() => program.run({ sizes: { n: 1000 }, values: { t: Float32Array.of(1, 2), ids } }));
    expect(fail()).to.equal('ERR_INDEX');
    const before = bytes();
    for (let run = 0; run < 20_000; run++) fail();
    expect(bytes()).to.equal(before);
  });

  it('starts anew after it stopped: programs are loaded again, storages read again', () => {
    const engine = new Engine(module);
    const storage = makeStorage('real', 3);
    storage.array.set([1, 2, 3]);
    const program = new WasmProgram(engine, {
      data: reading,
      storages: { weights: storage.array },
      seconds: new Float64Array(1),
    });
    expect([...program.run(nothing).y!]).to.deep.equal([20, 30]);
    const first = engine.with(instance => instance);
    const trap = () => engine.with(({ exports }) => exports.run(-64));
    expect(trap).to.throw('wasm: the engine stopped').with.property('code', 'ERR_BACKEND');
    expect(engine.with(instance => instance)).not.to.equal(first);
    expect([...program.run(nothing).y!]).to.deep.equal([20, 30]);
  });

  it('refuses an encoded program that was cut short or changed, and never crashes', () => {
    const { program } = classifier();
    const encoded = encodeProgram(program, namedSizes(program));
    const storages = program.storages.map(({ dtype, elements }) => makeStorage(dtype, elements).array);
    const instance = new Instance(module);
    const load = (bytes: Uint8Array) => {
      try {
        instance.load(bytes, storages, {});
        return 'loaded';
      } catch (error) {
        return (error as { code?: string }).code ?? String(error);
      }
    };
    for (let length = 0; length < encoded.length; length += 97)
      expect(load(encoded.subarray(0, length)), `of ${length} bytes`).to.equal('ERR_ARGUMENT');
    const outcomes = ['loaded', 'ERR_ARGUMENT', 'ERR_SHAPE', 'ERR_BACKEND', 'ERR_MEMORY'];
    for (let at = 0; at < encoded.length; at += 31) {
      const changed = encoded.slice();
      changed[at]! ^= 0xff;
      expect(load(changed), `byte ${at}`).to.be.oneOf(outcomes);
    }
    expect(load(encoded), 'afterwards').to.equal('loaded');
  });

  it('rejects the pending runs where its Worker dies, and starts another', async () => {
    const workers: { terminate(): Promise<number> }[] = [];
    const collect = (worker: { terminate(): Promise<number> }) => workers.push(worker);
    process.on('worker', collect);
    const mortal = wasm();
    const executable = mortal.load(doubling, {});
    const running = executable.run(feeds(1)).catch(reason => reason);
    await pause(0);
    await workers[0]!.terminate();
    process.off('worker', collect);
    expect(await running).to.include({ code: 'ERR_BACKEND' });
    expect((await executable.run(feeds(2))).y).to.deep.equal(Float32Array.of(4));
    await mortal.close();
  });
});
