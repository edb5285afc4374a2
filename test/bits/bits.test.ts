import { expect } from 'chai';
import { js } from '../../lib/backend/js-backend.ts';
import { addon } from '../../lib/backend/load.ts';
import { Trial } from '../backend/conformance/trial.ts';
import type { Case } from './case.ts';
import { cases } from './cases.ts';
import { differences, readHashes } from './hashes.ts';

describe('bits', () => {
  let all: readonly Case[];
  before(() => {
    all = cases();
  });

  it('are hashed for every case and for no other', () => {
    expect(Object.keys(readHashes())).to.have.members(all.map(({ name }) => name));
  });

  it('are promised for cases that are clear of denormal numbers, infinity and NaN, as these are', async () => {
    const least = 2 ** -126;
    const backend = js({ precision: 'float64' });
    for (const { name, program, initial, batches } of all) {
      const trial = new Trial(backend, program, initial);
      const clear = (value: number) => Number.isFinite(value) && (value === 0 || Math.abs(value) >= least);
      for (const arrays of [...batches.map(batch => trial.runSync(batch)), trial.stored()])
        for (const [which, array] of Object.entries(arrays))
          expect(
            [...array].find(value => !clear(value)),
            `${name}: ${which}`,
          ).to.equal(undefined);
    }
    await backend.close();
  });

  for (const isa of addon?.isas ?? [])
    it(`are those of every other platform with ${isa}, on any number of threads`, async () => {
      const lines = await differences(isa, all, readHashes());
      expect(lines.join('\n'), 'where they are meant to change: npm run bits -- --write').to.equal('');
    });
});
