// Brings a checkout into a state to run in: packages installed, TypeScript compiled to dist/, the addon built where CMake
// and a C++ compiler are at hand. Does only what is out of date and is silent when nothing is. With --warnings-as-errors a warning
// of the C++ compiler ends the build.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
const fingerprints = new Map();

if (!packagesAreCurrent()) install();
if (isStale('dist', ['lib', 'scripts/compile.mjs', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json']))
  compile();
if (isStale('build/Release', ['native', 'CMakeLists.txt', 'package-lock.json'])) build();

/** Whether node_modules holds the versions of package-lock.json; packages for other platforms may be missing. */
function packagesAreCurrent() {
  if (!existsSync('node_modules/.package-lock.json')) return false;
  const wanted = readPackages('package-lock.json');
  const present = readPackages('node_modules/.package-lock.json');
  return Object.entries(wanted).every(
    ([path, { version, optional }]) =>
      path === '' || (present[path] ? present[path].version === version : optional === true),
  );
}

function readPackages(lockfile) {
  return JSON.parse(readFileSync(lockfile, 'utf8')).packages;
}

function install() {
  say('installing packages');
  const npm = process.env.npm_execpath;
  if (npm) run(process.execPath, [npm, 'ci', '--no-progress']);
  else run('npm', ['ci', '--no-progress'], { shell: process.platform === 'win32' });
}

function compile() {
  say('compiling TypeScript');
  run(process.execPath, ['scripts/compile.mjs']);
  markCurrent('dist');
}

function build() {
  if (process.platform === 'win32') {
    say('no native build: native/ is compiled by MinGW on Linux, see cmake/win32-x64.cmake');
    return;
  }
  const missing = [];
  if (!works('cmake')) missing.push('CMake');
  if (![process.env.CXX, 'c++', 'g++', 'clang++', 'cl'].some(compiler => compiler && works(compiler)))
    missing.push('a C++ compiler');
  if (missing.length > 0) {
    say(`no native build: to have the fast backend and not only the JavaScript one, install ${missing.join(' and ')}`);
    return;
  }
  say('building the native backend');
  const cmakeJs = 'node_modules/cmake-js/bin/cmake-js';
  const strict = process.argv.includes('--warnings-as-errors') ? ['--CDCMAKE_COMPILE_WARNING_AS_ERROR=ON'] : [];
  run(process.execPath, [cmakeJs, 'build', '--parallel', String(availableParallelism()), ...strict]);
  markCurrent('build/Release');
}

function works(command) {
  return !spawnSync(command, ['--version'], { stdio: 'ignore' }).error;
}

/** Runs to the end; where that fails, shows what it said and ends with its status. */
function run(command, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (status === 0) return;
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`);
  say(`failed: ${[command, ...args].join(' ')}${error ? ` (${error.message})` : ''}`);
  process.exit(status || 1);
}

/** Whether a folder was made from other sources, for another platform, or not at all. */
function isStale(folder, sources) {
  const mark = join(folder, '.made-from');
  fingerprints.set(folder, fingerprint(sources));
  return !existsSync(mark) || readFileSync(mark, 'utf8') !== fingerprints.get(folder);
}

function markCurrent(folder) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, '.made-from'), fingerprints.get(folder));
}

function fingerprint(sources) {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const source of sources)
    for (const file of filesUnder(source)) hash.update(`\n${file}\n`).update(readFileSync(file));
  return hash.digest('hex');
}

function filesUnder(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

function say(line) {
  process.stderr.write(`${line}\n`);
}
