import { expect } from 'chai';
import type { Backend } from '../../../lib/backend/backend.ts';
import { addon } from '../../../lib/backend/load.ts';
import { native } from '../../../lib/backend/native-backend.ts';
import { expectSameBits } from '../../backend/conformance/agreement.ts';
import { mixedOptions } from '../../backend/conformance/cell-options.ts';
import { type CellCase, cellProgram, largestOf, plainCase } from '../../backend/conformance/cell-program.ts';
import { Numbers } from '../../backend/conformance/numbers.ts';
import { batchFor, Trial } from '../../backend/conformance/trial.ts';

/** What small batches do not reach: segments of several chunks and chunks of several segments, each on all instruction sets. */

const ragged = Array.from({ length: 36 }, (_, index) => (index * 7 + 3) % 62);
const cases: readonly (Partial<CellCase> & { readonly lengths: readonly number[] })[] = [
  { cell: 'lstm', lengths: ragged, recompute: true },
  { cell: 'lstm', lengths: ragged, recompute: 50, direction: 'backward', masks: 'per gate' },
  { cell: 'lstm', lengths: [3, 600, 170], recompute: 7, rows: 40, masks: 'shared' },
  { cell: 'lstm', lengths: new Array(1700).fill(2), recompute: 1, size: 8, direction: 'backward' },
  { cell: 'gru', lengths: ragged, recompute: true, reset: 'before', masks: 'per gate' },
  { cell: 'gru', lengths: [3, 600, 170], recompute: 100, rows: 40, direction: 'backward' },
  { cell: 'lstm', lengths: ragged, recompute: 9, ...mixedOptions('lstm')[0] },
  { cell: 'rnn', lengths: ragged, recompute: true, ...mixedOptions('rnn')[2] },
  { cell: 'gru', lengths: ragged, recompute: 4, reset: 'before', ...mixedOptions('gru')[0] },
  { cell: 'gru', lengths: [20, 20], recompute: 3, reset: 'before', inputSize: 100, size: 130 },
];

describe('recomputation on the native backend', () => {
  if (!addon) return;
  const { isas } = addon;
  let backends: Backend[];
  before(() => {
    backends = isas.flatMap(isa => [1, 2, 3].map(threads => native({ isa, threads })));
  });
  after(() => Promise.all(backends.map(backend => backend.close())));

  const expectBitsOfKept = async (
    { cell = 'lstm', ...variant }: Partial<CellCase>,
    lengths: readonly number[],
    on: readonly Backend[],
  ) => {
    const options = plainCase(cell, variant);
    const [kept, again] = [{ ...options, recompute: false }, options].map(each => cellProgram(each, 'train'));
    const batch = batchFor(kept!, new Numbers(29), { lengths, largest: largestOf, below: { ids: options.rows } });
    const expected = await new Trial(on[0]!, kept!).run(batch);
    for (const backend of on) {
      const found = await new Trial(backend, again!).run(batch);
      expectSameBits(found, expected, `${backend.isa} × ${backend.threads}`);
    }
  };

  for (const { lengths, ...variant } of cases)
    it(`${JSON.stringify(variant)} has the bits of a run that keeps its gates, on every instruction set and number of threads`, () =>
      expectBitsOfKept(variant, lengths, backends));

  it('has them where weights leave the cache, and the inputs of a segment are projected at once', () =>
    expectBitsOfKept({ recompute: 2, inputSize: 300, size: 900 }, [9, 4], backends.slice(0, 2)));

  it('computes again with the parameters of the moment, and for batches of other sizes', async () => {
    const program = cellProgram(plainCase('lstm', { recompute: true }), 'train');
    const trial = new Trial(backends[1]!, program);
    for (const [seed, lengths] of [[3, 1], [100, 90, 5], [], [0, 2]].entries()) {
      const batch = batchFor(program, new Numbers(seed), { lengths, largest: largestOf });
      const fresh = await new Trial(backends[1]!, program).run(batch);
      expectSameBits(await trial.run(batch), fresh, `lengths ${lengths}`);
    }
  });

  it('ends while it computes a segment again when it is cancelled', async function () {
    this.retries(2); // the machine may have been busier the first time
    const options = plainCase('lstm', { inputSize: 64, size: 96, recompute: 10_000 });
    const program = cellProgram(options, 'train', { by: ['h'] });
    const batch = batchFor(program, new Numbers(19), { lengths: new Array(8).fill(4000), largest: largestOf });
    const backend = native({ threads: 3 });
    const trial = new Trial(backend, program);
    const feeds = trial.feeds(batch);
    const timed = async (signal?: AbortSignal) => {
      const begin = performance.now();
      const outcome = await trial.executable.run(feeds, signal ? { signal } : {}).catch(() => 'cancelled' as const);
      return { outcome, ms: performance.now() - begin };
    };
    await timed();
    const whole = await timed();
    // A third forward, a third again, a third backward.
    const cancelled = await timed(AbortSignal.timeout(Math.ceil(0.4 * whole.ms)));
    expect(cancelled.outcome).to.equal('cancelled');
    expect(cancelled.ms).to.be.within(0.35 * whole.ms, 0.6 * whole.ms);
    const after = await timed();
    if (whole.outcome === 'cancelled' || after.outcome === 'cancelled') expect.fail('nobody cancelled this run');
    expectSameBits(after.outcome, whole.outcome, 'after a cancelled run');
    await backend.close();
  });
});
