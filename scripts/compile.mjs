// Compiles lib/ to dist/: programs of one file each, as Node takes a quarter of a millisecond for every file that it opens, and the
// declarations that users import. Leaves dist/wasm alone, which `npm run build:wasm` makes.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import ts from 'typescript';

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));
mkdirSync('dist', { recursive: true });
for (const name of readdirSync('dist')) if (name !== 'wasm') rmSync(join('dist', name), { recursive: true });

const options = { outdir: 'dist', bundle: true, format: 'esm', charset: 'utf8', logLevel: 'warning' };
const forNode = { ...options, platform: 'node', target: 'node20.19', packages: 'external' };
await build({
  ...forNode,
  entryPoints: { index: 'lib/index.ts', ops: 'lib/ops/index.ts' },
  splitting: true, // one recording is recorded by both
  chunkNames: 'shared',
});
await build({
  ...forNode,
  entryPoints: {
    cli: 'lib/cli/main.ts',
    'js-worker': 'lib/backend/js/worker.ts',
    'wasm-worker': 'lib/backend/wasm/worker.ts',
  },
});
await build({
  ...options,
  entryPoints: ['lib/browser.ts'],
  platform: 'browser',
  target: ['chrome95', 'firefox100', 'safari16.4'],
});
chmodSync('dist/cli.js', 0o755);

const compiler = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'];
process.exitCode = spawnSync(process.execPath, compiler, { stdio: 'inherit' }).status ?? 1;

const reached = new Set();
for (const entry of ['index', 'ops/index', 'browser']) declarationsFrom(resolve(`dist/${entry}.d.ts`), reached);
for (const entry of readdirSync('dist', { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath ?? entry.path, entry.name);
  if (entry.isFile() && path.endsWith('.d.ts') && !reached.has(resolve(path))) rmSync(path);
}
for (const folder of emptyFolders('dist')) rmSync(folder, { recursive: true });

/** Adds a declaration file and all that it imports. */
function declarationsFrom(path, found) {
  if (found.has(path) || !existsSync(path)) return;
  found.add(path);
  for (const { fileName } of ts.preProcessFile(readFileSync(path, 'utf8'), true, true).importedFiles)
    if (fileName.startsWith('.'))
      declarationsFrom(resolve(dirname(path), fileName.replace(/\.[jt]s$/, '.d.ts')), found);
}

function emptyFolders(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .flatMap(({ name }) => {
      const inner = emptyFolders(join(folder, name));
      const left = readdirSync(join(folder, name)).length - inner.length;
      return left === 0 ? [join(folder, name)] : inner;
    });
}
