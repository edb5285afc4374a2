import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Backend } from '../../lib/backend/backend.ts';
import { js } from '../../lib/backend/js-backend.ts';
import { addon } from '../../lib/backend/load.ts';
import { native } from '../../lib/backend/native-backend.ts';
import { generate } from './generate.ts';
import { readCases } from './manifest.ts';
import { failureLines } from './report.ts';
import { runCase } from './run.ts';

const cases = readCases(join(import.meta.dirname, 'vectors'));
const groups = [...new Set(cases.map(({ id }) => id.split('/')[0]!))];

function itReproducesTheVectors(open: () => Backend): void {
  let backend: Backend;
  before(() => {
    backend = open();
  });
  after(() => backend.close());

  for (const group of groups)
    it(`reproduces ${group}`, async () => {
      for (const goldenCase of cases.filter(({ id }) => id.startsWith(`${group}/`))) {
        const outcome = await runCase(goldenCase, backend);
        expect(outcome.missing, goldenCase.id).to.deep.equal([]);
        expect(failureLines(outcome).join('\n'), goldenCase.id).to.equal('');
      }
    });
}

describe('golden vectors', () => {
  it('are what generate.ts computes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'recurra-golden-'));
    try {
      for (const [name, bytes] of generate()) writeFileSync(join(folder, name), bytes);
      const fresh = readCases(folder);
      expect(fresh.map(({ id }) => id)).to.deep.equal(cases.map(({ id }) => id));
      for (const [index, { id, config, tensors }] of cases.entries()) {
        expect(fresh[index]!.config, id).to.deep.equal(config);
        for (const [name, { shape, values }] of tensors) {
          const again = fresh[index]!.tensors.get(name)!;
          expect(again.shape, `${id}/${name}`).to.deep.equal(shape);
          // Math.exp and Math.tanh may differ in their last bit from one version of Node to another.
          const off = values.findIndex(
            (value, at) => !(Math.abs(value - again.values[at]!) <= 1e-12 * Math.max(1, Math.abs(value))),
          );
          expect(off, `${id}/${name}: the first element that differs`).to.equal(-1);
        }
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  for (const precision of ['float64', 'float32'] as const)
    describe(`on js in ${precision}`, () => itReproducesTheVectors(() => js({ precision })));

  for (const isa of addon?.isas ?? [])
    describe(`on native with ${isa}`, () => itReproducesTheVectors(() => native({ isa })));
});
