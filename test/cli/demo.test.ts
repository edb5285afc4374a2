import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { load } from '../../lib/models/load.ts';
import { temporaryFolder } from './folder.ts';
import { recurra } from './recurra.ts';

describe('recurra demo', function () {
  this.timeout(60_000);
  const folder = temporaryFolder();

  it('learns far more than the baseline on the backend of this machine, writes model and curves, and tries it', async () => {
    const { exitCode, stdout, stderr } = await recurra(folder, 'demo');
    expect(exitCode, stderr).to.equal(0);
    const [, accuracy, baseline] = /^validation accuracy (\S+), against (\S+) for always/m.exec(stdout)!;
    expect(Number(baseline)).to.be.within(0.4, 0.65);
    expect(Number(accuracy)).to.be.above(Number(baseline) + 0.2);
    expect(stdout.match(/^(positive|negative) [01]\.\d\d {2}\w.*$/gm)).to.have.length(3);
    expect(stdout).to.match(/npx recurra train your\.csv/);
    expect(existsSync(join(folder, 'history.svg'))).to.equal(true);
    expect((await load(join(folder, 'sentiment.safetensors'))).encoder!.labels).to.deep.equal(['negative', 'positive']);
  });
});
