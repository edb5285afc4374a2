import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { dense, js, lstm, sequential } from '../../lib/index.ts';
import { temporaryFolder } from './folder.ts';
import { recurra } from './recurra.ts';

describe('recurra diagram', function () {
  this.timeout(60_000);
  const folder = temporaryFolder();
  before(async () => {
    const backend = js();
    const model = sequential([lstm({ size: 2 }), dense({ size: 1 })], { inputSize: 3, backend });
    await model.save(join(folder, 'model.safetensors'));
    await backend.close();
  });

  it('prints the layers, and draws as many steps as it is told', async () => {
    const outcome = await recurra(folder, 'diagram', 'model.safetensors', '--steps', '5', '--out', 'unrolled.svg');
    expect(outcome.exitCode, outcome.stderr).to.equal(0);
    expect(outcome.stdout)
      .to.match(/^lstm +lstm +input/m)
      .and.to.match(/^wrote unrolled\.svg$/m);
    expect(readFileSync(join(folder, 'unrolled.svg'), 'utf8').match(/class="cell"/g)).to.have.length(5);
    const folded = await recurra(folder, 'diagram', 'model.safetensors', '--steps', '0', '--out', 'folded.svg');
    expect(folded.exitCode, folded.stderr).to.equal(0);
    expect(readFileSync(join(folder, 'folded.svg'), 'utf8').match(/class="cell"/g)).to.have.length(1);
  });

  it('refuses steps that cannot be drawn', async () => {
    const { exitCode, stderr } = await recurra(folder, 'diagram', 'model.safetensors', '--steps', '1');
    expect(exitCode).to.equal(2);
    expect(stderr).to.contain('at least 2');
  });

  it('teaches in its help', async () => {
    const { exitCode, stdout } = await recurra(folder, 'diagram', '--help');
    expect(exitCode).to.equal(0);
    for (const word of ['same weights', '--steps', 'folded']) expect(stdout).to.contain(word);
    expect(Math.max(...stdout.split('\n').map(line => line.length))).to.be.at.most(120);
  });
});
