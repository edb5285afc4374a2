import { expect } from 'chai';
import type { Backend, Executable } from '../../lib/backend/backend.ts';
import { js } from '../../lib/backend/js-backend.ts';
import { addon } from '../../lib/backend/load.ts';
import { native } from '../../lib/backend/native-backend.ts';
import { selfTest } from '../../lib/backend/self-test.ts';
import { loadWasm } from '../../lib/backend/wasm/load.ts';
import { wasm } from '../../lib/backend/wasm-backend.ts';

/** The js backend, with one number changed of what a run makes. */
function damaged(name: string, change: (number: number) => number): Backend {
  const backend = js();
  return {
    ...backend,
    allocate: backend.allocate.bind(backend),
    load(program, storages) {
      const executable: Executable = backend.load(program, storages);
      return Object.assign(executable, {
        runSync(feeds: Parameters<Executable['runSync']>[0]) {
          const results = Object.getPrototypeOf(executable).runSync.call(executable, feeds);
          const array = results[name] ?? storages[name]!.array;
          array[array.length - 1] = change(array.at(-1)!);
          return results;
        },
      });
    },
  };
}

describe('selfTest', () => {
  it('finds nothing where the numbers agree', () => {
    expect(selfTest(js())).to.equal(undefined);
  });

  for (const isa of addon?.isas ?? [])
    it(`finds nothing on ${isa}`, async () => {
      const backend = native({ isa });
      expect(selfTest(backend)).to.equal(undefined);
      await backend.close();
    });

  it('finds nothing on wasm', async function () {
    if ('error' in loadWasm()) this.skip();
    const backend = wasm();
    expect(selfTest(backend)).to.equal(undefined);
    await backend.close();
  });

  for (const name of [
    'dropout',
    'lstm',
    'gru',
    'rnn',
    'matmul',
    'softmax',
    'loss',
    'gradient',
    'adam',
    'adam m',
    'adam v',
  ])
    it(`names ${name} where that is a little off, or not a number`, () => {
      const other = new RegExp(`^${name} came to \\S+ instead of \\S+$`);
      expect(selfTest(damaged(name, number => number + 0.01))).to.match(other);
      expect(selfTest(damaged(name, () => Number.NaN))).to.match(other);
    });
});
