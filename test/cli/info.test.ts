import { expect } from 'chai';
import { addon, addonFile } from '../../lib/backend/load.ts';
import { loadWasm } from '../../lib/backend/wasm/load.ts';
import { temporaryFolder } from './folder.ts';
import { jsonLines, recurra } from './recurra.ts';

describe('recurra info', function () {
  this.timeout(60_000);
  const folder = temporaryFolder();

  it('says with --json which backend computes here, and why', async () => {
    const { exitCode, stdout, stderr } = await recurra(folder, 'info', '--json');
    expect(exitCode, stderr).to.equal(0);
    const [facts, ...others] = jsonLines(stdout);
    expect(others).to.deep.equal([]);
    expect(Object.keys(facts!)).to.deep.equal(['version', 'backend', 'isa', 'threads', 'addon', 'node', 'reason']);
    expect(facts!.version).to.match(/^\d+\.\d+\.\d+/);
    expect(facts!.node).to.equal(process.versions.node);
    expect(facts!.threads).to.be.a('number').at.least(1);
    if (addon) expect(facts).to.include({ backend: 'native', addon: addonFile });
    else if ('module' in loadWasm()) expect(facts).to.include({ backend: 'wasm', isa: 'wasm', addon: 'none' });
    else expect(facts).to.include({ backend: 'js', isa: 'js', addon: 'none' });
    if (addon) expect(facts!.reason).to.equal('a native build is there and passed its self-test');
    if (!addon) expect(facts!.reason).to.match(/install CMake/);
  });

  it('prints a line per fact for people', async () => {
    const { stdout } = await recurra(folder, 'info');
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map(line => line.split(' ')[0]),
    ).to.deep.equal(['version', 'backend', 'isa', 'threads', 'addon', 'node', 'reason']);
  });
});
