import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { addon, addonFile } from '../../lib/backend/load.ts';
import { loadWasm } from '../../lib/backend/wasm/load.ts';

const root = resolve(import.meta.dirname, '../..');

/** What a process computes with whose native build is the one in `folder`, as soon as somebody changed what it exports. */
const script = `
  const { defaultBackend } = await import('./lib/backend/index.ts');
  const { name, isa } = defaultBackend();
  console.log(name, isa);
`;

/** Runs when an addon was loaded: `exports` is what it exports. */
const changing = (change: string) => `
  import Module from 'node:module';
  const load = Module._extensions['.node'];
  Module._extensions['.node'] = (module, file) => {
    load(module, file);
    const { exports } = module;
    ${change}
  };
`;

const wrongProducts = changing(`
  module.exports = { ...exports, Engine: class extends exports.Engine {
    runSync(...given) {
      const results = super.runSync(...given);
      for (const array of results) if (array instanceof Float32Array) array[0] += 1;
      return results;
    }
  } };
`);
const withoutEngine = changing('const { Engine, ...others } = exports; module.exports = others;');
const withoutStorages = changing(`
  module.exports = { ...exports, Engine: class extends exports.Engine { storage() { throw new Error('no storage today'); } } };
`);

describe('a native build that cannot be trusted', function () {
  this.timeout(60_000);
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'recurra-damage-'));
    mkdirSync(join(folder, 'build', 'Release'), { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const place = () => join(folder, 'build', 'Release', 'recurra.node');

  function start({ before = '', environment = {} }: { before?: string; environment?: Record<string, string> } = {}) {
    const { RECURRA_BACKEND: _, RECURRA_ISA: __, ...env } = process.env;
    const preload = `data:text/javascript,${encodeURIComponent(before)}`;
    return spawnSync(
      process.execPath,
      ['--import', preload, '--import', 'tsx', '--input-type=module', '--eval', script],
      { cwd: root, encoding: 'utf8', env: { ...env, RECURRA_PREBUILD: folder, ...environment } },
    );
  }

  /** Computes with the next best backend, and says why in one line on stderr that ends in what to do. */
  function expectSlower({ stdout, stderr }: ReturnType<typeof start>, why: RegExp): void {
    const [name, title] = 'module' in loadWasm() ? ['wasm', 'WebAssembly'] : ['js', 'JavaScript'];
    expect(stdout, stderr).to.equal(`${name} ${name}\n`);
    expect(stderr).to.match(why);
    expect(stderr).to.match(
      new RegExp(`^[^\\n]+, using the slower ${title} backend; [^\\n]+ \`npx recurra build\`\\n$`),
    );
  }

  it('is a text', () => {
    writeFileSync(place(), 'This file was a shared object until somebody saved a page of help in its place.\n');
    expectSlower(start(), /^the native build does not load \(.*recurra\.node.*\)/);
  });

  it('is empty', () => {
    writeFileSync(place(), '');
    expectSlower(start(), /^the native build does not load \(/);
  });

  it('is not there', () => expectSlower(start(), /^no native build for /));

  describe('though it loads', () => {
    before(function () {
      if (!addon) this.skip();
    });
    beforeEach(() => copyFileSync(addonFile!, place()));

    it('is trusted when it is whole', () => {
      const { stdout, stderr } = start();
      expect(stderr).to.equal('');
      expect(stdout).to.equal(`native ${addon!.isas[0]}\n`);
    });

    it('lacks exports', () =>
      expectSlower(start({ before: withoutEngine }), /has no Engine: it is of another version/));

    it('computes other numbers', () => {
      expectSlower(
        start({ before: wrongProducts }),
        /fails its self-test on \w+ \(dropout came to \S+ instead of \S+\)/,
      );
    });

    it('throws', () =>
      expectSlower(start({ before: withoutStorages }), /fails its self-test on \w+ \(no storage today\)/));

    it('is used all the same where RECURRA_BACKEND asks for it', () => {
      const { stdout } = start({
        before: wrongProducts,
        environment: { RECURRA_BACKEND: 'native', RECURRA_ISA: 'scalar' },
      });
      expect(stdout).to.equal('native scalar\n');
    });

    it('computes with the instruction set that RECURRA_ISA names, which is the one to pass', () => {
      const environment = { RECURRA_ISA: 'scalar' };
      expect(start({ environment }).stdout).to.equal('native scalar\n');
      expectSlower(start({ before: wrongProducts, environment }), /fails its self-test on scalar /);
    });
  });
});
