import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { build } from 'esbuild';
import { run } from './npm.ts';
import { Project } from './project.ts';
import { budget, makeTarball, type Tarball, unexpectedFiles, withoutBinary } from './tarball.ts';

const root = resolve(import.meta.dirname, '../..');

describe('the package', function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), 'recurra-tarball-'));
  let tarball: Tarball;
  let project: Project;

  before(function () {
    if (!existsSync(join(root, 'dist', 'index.js'))) this.skip(); // npm test compiles first
    tarball = makeTarball(folder);
    project = new Project(tarball.path);
  });
  after(() => {
    project?.remove();
    rmSync(folder, { recursive: true });
  });

  const computed = new RegExp(`^(native \\w+|${withoutBinary})\\n$`);
  const program = (name: string, ...args: string[]) =>
    run(join(root, 'node_modules', '.bin', name), [...args, tarball.path]);
  const evaluate = (script: string) => project.node(['--no-warnings', '--input-type=module', '--eval', script]);

  it('holds what is needed and nothing else', () => {
    expect(unexpectedFiles(tarball)).to.deep.equal([]);
    const programs = ['index', 'ops', 'browser', 'cli', 'js-worker', 'wasm-worker'].map(name => `dist/${name}.js`);
    const declarations = ['index', 'ops/index', 'browser'].map(name => `dist/${name}.d.ts`);
    expect(tarball.files).to.include.members([...programs, ...declarations]);
    expect(tarball.files.includes('dist/wasm/recurra.wasm')).to.equal(withoutBinary === 'wasm');
    expect(tarball.files.filter(path => path.startsWith('native/')).length).to.be.greaterThan(100);
  });

  it('keeps within its budget', () => {
    expect(tarball.sizeBytes).to.be.below(budget.sizeBytes);
    expect(tarball.unpackedBytes).to.be.below(budget.unpackedBytes);
  });

  it('runs no script where it is installed', () => {
    const { scripts = {} } = JSON.parse(readFileSync(join(project.installed, 'package.json'), 'utf8'));
    expect(scripts).not.to.have.any.keys('preinstall', 'install', 'postinstall');
    expect(existsSync(join(project.installed, 'binding.gyp'))).to.equal(false); // npm would build by itself
  });

  it('knows what it brings along, and brings nothing whose licence is not permissive', () => {
    const report = run(process.execPath, [join(root, 'scripts', 'licences.mjs')]);
    const { components } = JSON.parse(run(process.execPath, [join(root, 'scripts', 'sbom.mjs')]));
    const bundled = tarball.files.flatMap(path => /^node_modules\/([^/]+)\/package\.json$/.exec(path)?.[1] ?? []);
    expect(bundled).to.include('node-gyp-build');
    for (const name of bundled) expect(report).to.match(new RegExp(`^${name}@`, 'm'));
    expect(components.map(({ name }: { name: string }) => name)).to.have.members(bundled);
  });

  it('satisfies publint', () => expect(program('publint', '--strict')).to.contain('All good'));

  it('has types that attw finds, as ES modules', () => {
    expect(program('attw', '--profile', 'esm-only', '--no-emoji')).to.contain('OK (ESM)');
  });

  it('trains and predicts where it was installed offline, with no compiler on the PATH', () => {
    expect(project.node(['esm.mjs'])).to.match(computed);
  });

  it('can be required', () => {
    expect(project.node(['--no-warnings', 'commonjs.cjs'])).to.match(computed);
  });

  describe('where no binary is there for the platform', () => {
    const environment = { PREBUILDS_ONLY: '1', npm_config_platform: 'freebsd' };

    it(`computes with ${withoutBinary}`, () => {
      expect(project.node(['esm.mjs'], environment)).to.equal(`${withoutBinary}\n`);
    });

    it('computes in JavaScript where Node has no WebAssembly', () => {
      expect(project.node(['--no-expose-wasm', 'esm.mjs'], environment)).to.equal('js\n');
    });
  });

  it('has an entrance for browsers that nothing has to be added to', async () => {
    const stdin = { contents: `export * from 'recurra/browser';`, resolveDir: project.folder };
    const { metafile, warnings } = await build({
      stdin,
      bundle: true,
      write: false,
      metafile: true,
      platform: 'browser',
      format: 'esm',
    });
    expect(warnings).to.deep.equal([]);
    expect(
      Object.values(metafile.inputs).flatMap(({ imports }) => imports.filter(({ external }) => external)),
    ).to.deep.equal([]);
  });

  it("has operations for layers of one's own", () => expect(project.node(['own-cell.mjs'])).to.equal('2\n'));

  it('has a command line', () => {
    expect(project.node([join('node_modules', '.bin', 'recurra'), '--version'])).to.equal(`${packageJson().version}\n`);
  });

  for (const path of [
    'dist/index.js',
    'dist/browser.js',
    'dist/wasm/recurra.wasm',
    'dist/backend/backend.js',
    'native/addon/addon.cc',
    'lib/index.ts',
  ])
    it(`does not let ${path} be imported`, () => {
      expect(evaluate(`import('recurra/${path}').catch(({ code }) => console.log(code))`)).to.equal(
        'ERR_PACKAGE_PATH_NOT_EXPORTED\n',
      );
    });

  it('is imported in less than 50 ms of processor time, and opens no package but node-gyp-build', () => {
    for (const program of ['index.js', 'shared.js']) {
      const text = readFileSync(join(project.installed, 'dist', program), 'utf8');
      const imported = [...text.matchAll(/^import\b.*?["']([^"']+)["'];$/gms)].map(([, name]) => name!);
      expect(imported.filter(name => !/^(node:|\.\/shared\.js$)/.test(name))).to.deep.equal([]);
    }
    const script = `
      import Module from 'node:module';
      const begin = process.cpuUsage();
      await import('recurra');
      const { user, system } = process.cpuUsage(begin);
      console.log(JSON.stringify({ ms: (user + system) / 1000, opened: Object.keys(Module._cache) }));
    `;
    const runs = [1, 2, 3, 4, 5].map(() => JSON.parse(evaluate(script)) as { ms: number; opened: string[] });
    expect(Math.min(...runs.map(({ ms }) => ms))).to.be.below(50);
    const packages = runs[0]!.opened.flatMap(path => /.*node_modules\/([^/]+)/.exec(path)?.[1] ?? []);
    expect([...new Set(packages)].filter(name => name !== 'recurra')).to.deep.equal(['node-gyp-build']);
  });
});

function packageJson(): { version: string } {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
}
