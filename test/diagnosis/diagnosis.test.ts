import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Backend } from '../../lib/backend/backend.ts';
import { dataset, dense, diagnose, diagnosis, js, meanSquaredError, rnn, sequential, sgd } from '../../lib/index.ts';
import { codeOf, codeOfRejection } from '../code-of.ts';

describe('the callback diagnosis', function () {
  this.timeout(30_000);
  let backend: Backend;
  beforeEach(() => {
    backend = js();
  });
  afterEach(() => backend.close());

  const model = (options = {}) =>
    sequential([rnn({ size: 3, ...options }), dense({ size: 1 })], { inputSize: 1, backend, seed: 2 });
  const rows = (first = 0) => ({ sequences: [[first, 1, 2], [1], [2, 0, 1, 1]], targets: [1, 0, 1] });
  const data = dataset(rows());
  const loss = meanSquaredError();

  it('looks before the first epoch and after each, or after some', async () => {
    const often = diagnosis(data);
    const seldom = diagnosis(data, { every: 2, rows: 1 });
    const trained = model();
    const before = await diagnose(trained, data, { loss });
    await trained.fit(data, { loss, optimizer: sgd({ learningRate: 0.1 }), epochs: 5, callbacks: [often, seldom] });
    expect(often.diagnoses.map(({ epoch }) => epoch)).to.deep.equal([0, 1, 2, 3, 4, 5]);
    expect(often.diagnoses[0]!.diagnosis).to.deep.equal(before);
    expect(often.diagnoses[5]!.diagnosis).to.deep.equal(await diagnose(trained, data, { loss }));
    expect(often.diagnoses[5]!.diagnosis.loss).to.be.below(before.loss);
    expect(seldom.diagnoses.map(({ epoch }) => epoch)).to.deep.equal([0, 2, 4]);
    expect(seldom.diagnoses[2]!.diagnosis.rows).to.equal(1);
  });

  it('looks once more where training breaks off, at what was learned until then', async () => {
    const strange = dataset(rows(Number.NaN));
    const watch = diagnosis(strange);
    const broken = model();
    const training = broken.fit(strange, {
      loss,
      optimizer: sgd({ learningRate: 0.1 }),
      batchSize: 3,
      callbacks: [watch],
    });
    expect(await codeOfRejection(training)).to.equal('ERR_NON_FINITE');
    expect(watch.diagnoses.map(({ epoch }) => epoch)).to.deep.equal([0, 1]);
    for (const { diagnosis } of watch.diagnoses)
      expect(diagnosis.trouble).to.deep.include({ kind: 'state', layer: 'rnn', step: 0, row: 0 });
  });

  it('draws the first, the last and two between', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'recurra-'));
    try {
      const watch = diagnosis(data);
      await model().fit(data, { loss, optimizer: sgd({ learningRate: 0.1 }), epochs: 9, callbacks: [watch] });
      await watch.plot(join(folder, 'epochs.svg'));
      const titles = [...readFileSync(join(folder, 'epochs.svg'), 'utf8').matchAll(/>epoch (\d): gradient</g)];
      expect(titles.map(([, epoch]) => epoch)).to.deep.equal(['0', '3', '6', '9']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('refuses to look at every half epoch', () => {
    expect(codeOf(() => diagnosis(data, { every: 0.5 }))).to.equal('ERR_ARGUMENT');
  });
});
