import { expect } from 'chai';
import type { Backend, Feeds, NumberArray } from '../../../lib/backend/backend.ts';
import { gather } from '../../../lib/ops/gather.ts';
import { lstm } from '../../../lib/ops/lstm.ts';
import { record } from '../../../lib/program/recording.ts';
import { elementCount, resolveShape } from '../../../lib/program/shape.ts';
import { codeOf } from '../../code-of.ts';
import { expectSameBits } from './agreement.ts';
import { Numbers } from './numbers.ts';

const [inputSize, size, vocabulary] = [3, 17, 6];
const shapes = {
  table: [vocabulary, inputSize],
  inputWeight: [inputSize, 4 * size],
  recurrentWeight: [size, 4 * size],
  h: ['batch', size],
  c: ['batch', size],
} as const;

/** One step of a stream: an id, the state it meets, the state it leaves. */
const program = record(recording => {
  const { tokens } = recording.layout('input');
  const { table, h, c, ...weights } = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, recording.feed(name, shape)]),
  ) as Record<keyof typeof shapes, ReturnType<typeof recording.feed>>;
  const x = gather(table, recording.feed('ids', [tokens], 'int32'));
  const { hN, cN } = lstm({ x, ...weights, h, c }, { direction: 'forward' });
  return { hN, cN: cN! };
});

const sizes = { batch: 1, 'input.steps': 1, 'input.tokens': 1 };

/** Feeds in memory of the backend. */
function stream(backend: Backend) {
  const numbers = new Numbers(9);
  const shared = (dtype: 'real' | 'int32', count: number): NumberArray => backend.allocate(dtype, count).array;
  const values: Record<string, NumberArray> = { ids: shared('int32', 1) };
  for (const [name, shape] of Object.entries(shapes)) {
    values[name] = shared('real', elementCount(resolveShape(shape, sizes)));
    values[name].set(numbers.reals(values[name].length));
  }
  for (const name of ['input.offsets', 'input.order']) values[name] = shared('int32', 1);
  return { executable: backend.load(program, {}), feeds: { sizes, values } satisfies Feeds };
}

export function itBindsRuns(open: () => Backend): void {
  it('steps through a stream as runSync does, reading feeds anew and writing the state where it is read', () => {
    const one = stream(open());
    const two = stream(open());
    const { h, c, ids } = one.feeds.values;
    const bound = one.executable.bind(one.feeds, { hN: h!, cN: c! });
    for (const id of [3, 0, 5, 5]) {
      ids![0] = id;
      two.feeds.values.ids![0] = id;
      bound.run();
      const { hN, cN } = two.executable.runSync(two.feeds);
      expectSameBits({ hN: h!, cN: c! }, { hN: hN!, cN: cN! }, `after ${id}`);
      two.feeds.values.h!.set(hN!);
      two.feeds.values.c!.set(cN!);
    }
  });

  it('leaves the results as they are where it fails, and goes on afterwards', () => {
    const { executable, feeds } = stream(open());
    const { h, c, ids } = feeds.values;
    const bound = executable.bind(feeds, { hN: h!, cN: c! });
    bound.run();
    const before = { h: h!.slice(), c: c!.slice() };
    ids![0] = vocabulary;
    expect(codeOf(() => bound.run())).to.equal('ERR_INDEX');
    expectSameBits({ h: h!, c: c! }, before, 'after the failure');
    ids![0] = 1;
    expect(codeOf(() => bound.run())).to.equal(undefined);
    expect([...h!]).not.to.deep.equal([...before.h]);
  });

  it('refuses memory that could be taken away, results that do not fit, and feeds that are missing', () => {
    const { executable, feeds } = stream(open());
    const { h, c } = feeds.values;
    const own = h!.slice();
    expect(codeOf(() => executable.bind(feeds, { hN: own, cN: c! }))).to.equal('ERR_ARGUMENT');
    expect(codeOf(() => executable.bind(feeds, { hN: h!.subarray(1), cN: c! }))).to.equal('ERR_ARGUMENT');
    expect(codeOf(() => executable.bind(feeds, { hN: h! }))).to.equal('ERR_ARGUMENT');
    const unshared = { ...feeds, values: { ...feeds.values, h: own } };
    expect(codeOf(() => executable.bind(unshared, { hN: h!, cN: c! }))).to.equal('ERR_ARGUMENT');
    const { ids: _, ...without } = feeds.values;
    expect(codeOf(() => executable.bind({ sizes, values: without }, { hN: h!, cN: c! }))).to.equal('ERR_FEED');
  });
}
