import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { temporaryFolder } from './folder.ts';

const root = resolve(import.meta.dirname, '../..');

describe('recurra build', function () {
  this.timeout(60_000);
  const folder = temporaryFolder();

  /** With no more on the PATH than Node and `tools`, which are scripts that end with this exit code. */
  function build(tools: Readonly<Record<string, number>>) {
    const path = join(folder, `bin${Object.keys(tools).length}`);
    mkdirSync(path, { recursive: true });
    symlinkSync(process.execPath, join(path, 'node'));
    for (const [name, code] of Object.entries(tools)) {
      const script = `#!/bin/sh\ncase "$1" in --version) exit 0;; esac\necho "$0 does nothing" >&2\nexit ${code}\n`;
      writeFileSync(join(path, name), script);
      chmodSync(join(path, name), 0o755);
    }
    const { CXX: _, ...env } = process.env;
    const args = ['--import', 'tsx', join(root, 'lib', 'cli', 'main.ts'), 'build'];
    return spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', env: { ...env, PATH: path } });
  }

  it('says what is missing and how to have it', () => {
    const { status, stderr } = build({});
    expect(stderr).to.match(
      /^recurra: build: not found here: CMake, a C\+\+ compiler, make or Ninja; install .* again\n$/,
    );
    expect(status).to.equal(2);
    expect(build({ 'c++': 0 }).stderr).to.contain('not found here: CMake, make or Ninja;');
  });

  it('shows what CMake says where it fails', () => {
    const { status, stderr } = build({ cmake: 1, 'g++': 0, ninja: 0 });
    expect(stderr).to.match(/cmake does nothing\nrecurra: build: cmake failed; what it said stands above\n$/);
    expect(status).to.equal(2);
  });
});
