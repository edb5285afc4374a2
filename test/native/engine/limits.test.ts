import { expect } from 'chai';
import type { Backend, Executable, Limits } from '../../../lib/backend/backend.ts';
import { addon } from '../../../lib/backend/load.ts';
import type { EngineOptions } from '../../../lib/backend/native.ts';
import { native } from '../../../lib/backend/native-backend.ts';
import { add } from '../../../lib/ops/add.ts';
import { matmul } from '../../../lib/ops/matmul.ts';
import { record } from '../../../lib/program/recording.ts';
import { codeOf } from '../../code-of.ts';

const size = 384;
const long = 2 ** 24; // no cache holds it

describe('the limits of the machine', function () {
  if (!addon) return;
  this.timeout(60_000);

  // What scalar is limited by is calls of a function.
  for (const isa of addon.isas.filter(isa => isa !== 'scalar'))
    it(`on ${isa} are above what operations reach, but not by far`, async function () {
      this.retries(5); // it is about time, and the machine may be busy
      const backend = native({ isa, threads: 1 });
      const before = await backend.limits!();
      const product = fastest(100, matrixProduct(backend), 2 * size ** 3);
      const stream = fastest(20, doubling(backend), 2 * 4 * long);
      const after = await backend.limits!();
      await backend.close();
      const limit = (name: keyof Limits) => Math.max(before[name], after[name]);
      expect(product, 'GF/s of a product').to.be.within(0.6 * limit('peak'), 1.1 * limit('peak'));
      expect(stream, 'GB/s of a stream').to.be.within(0.3 * limit('bandwidth'), 1.2 * limit('bandwidth'));
    });

  it('are measured off the event loop, on as many threads as asked for', async () => {
    const backend = native({ threads: 3 });
    let turns = 0;
    const timer = setInterval(() => turns++, 10);
    const { peak, bandwidth } = await backend.limits!();
    clearInterval(timer);
    await backend.close();
    expect(turns).to.be.above(3);
    expect(peak, 'GF/s').to.be.within(0.1, 1e6);
    expect(bandwidth, 'GB/s').to.be.within(0.1, 1e5);
  });

  it('are refused for what is no engine', () => {
    const refused = (options: unknown, bytes: unknown = 0) =>
      codeOf(() => addon!.limits(options as EngineOptions, bytes as number));
    const isa = addon!.isas[0]!;
    expect(refused({ threads: 0, isa })).to.equal('ERR_ARGUMENT');
    expect(refused({ threads: 257, isa })).to.equal('ERR_ARGUMENT');
    expect(refused({ threads: 1, isa: 'mmx' })).to.equal('ERR_BACKEND');
    expect(refused(undefined)).to.equal('ERR_ARGUMENT');
    expect(refused({ threads: 1, isa }, -1)).to.equal('ERR_ARGUMENT');
    expect(refused({ threads: 1, isa }, 'much')).to.equal('ERR_ARGUMENT');
  });

  it('are found with next to no memory', async () => {
    for (const bytes of [0, 1, 128, 4096]) {
      const { operations } = await addon!.limits({ threads: 2, isa: addon!.isas[0]! }, bytes);
      expect(operations, `with ${bytes} bytes`).to.be.above(0);
    }
  });
});

type Work = () => number;

/** Seconds of the operation itself: what enters and leaves is copied beside it. */
function timed(executable: Executable, values: Record<string, Float32Array>): Work {
  executable.times();
  return () => {
    executable.runSync({ sizes: {}, values });
    return executable.times().reduce((sum, seconds) => sum + seconds);
  };
}

function matrixProduct(backend: Backend): Work {
  const shape = [size, size];
  const program = record(recording => ({ y: matmul(recording.feed('a', shape), recording.feed('b', shape)) }));
  const matrix = () => new Float32Array(size * size).fill(1);
  return timed(backend.load(program, {}), { a: matrix(), b: matrix() });
}

function doubling(backend: Backend): Work {
  const program = record(recording => {
    const x = recording.feed('x', [long]);
    return { y: add(x, x) };
  });
  return timed(backend.load(program, {}), { x: new Float32Array(long) });
}

/** Billions a second of the fastest run. */
function fastest(runs: number, work: Work, amount: number): number {
  return amount / Math.min(...Array.from({ length: runs }, work)) / 1e9;
}
