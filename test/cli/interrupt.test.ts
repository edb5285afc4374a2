import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { tellingRows, temporaryFolder, writeRows } from './folder.ts';
import { outcome, start } from './recurra.ts';

describe('Ctrl-C', function () {
  this.timeout(60_000);
  const folder = temporaryFolder();

  it('ends training between two lines, with exit code 130 and nothing written', async () => {
    writeRows(join(folder, 'rows.csv'), tellingRows(['bad', 'good'], 40));
    const child = start(folder, [
      ...['train', 'rows.csv', '--text', 'body', '--label', 'mood', '--out', 'out.safetensors', '--plot', 'out.svg'],
      ...['--json', '--backend', 'js', '--size', '5', '--embedding', '4', '--epochs', '1000000'],
    ]);
    child.stdout.once('data', () => child.kill('SIGINT'));
    const { exitCode, stdout, stderr } = await outcome(child);
    expect(exitCode).to.equal(130);
    expect(stderr).to.match(/\nrecurra: interrupted\n$/);
    expect(stdout).to.match(/^(\{"epoch":\d+,.*\}\n)+$/);
    expect(readdirSync(folder)).to.deep.equal(['rows.csv']);
  });

  it('ends a measurement, with exit code 130 and nothing written', async () => {
    const given = readdirSync(folder);
    const child = start(folder, [
      ...['bench', '--backend', 'js', '--size', '3', '--embedding', '2', '--max-words', '9', '--batch', '2'],
      ...['--seconds', '1000', '--plot', 'profile.svg'],
    ]);
    child.stderr.once('data', () => child.kill('SIGINT'));
    const { exitCode, stdout, stderr } = await outcome(child);
    expect(exitCode).to.equal(130);
    expect(stderr).to.match(/\nrecurra: interrupted\n$/);
    expect(stdout).to.equal('');
    expect(readdirSync(folder)).to.deep.equal(given);
  });
});
