// `npm run prebuilds [-- TARGET...]`: makes prebuilds/<platform>-<arch>/, a binary with all instruction sets of its platform,
// for the targets given or for all that this kind of machine can make.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * on: the machine that makes it. tools: what the names of the compiler's tools begin with; where there is something, it is a
 * cross compiler and cmake/<target>.cmake names it. glibc: the newest that it may need; Node 20 itself needs 2.28.
 */
const targets = {
  'linux-x64': { on: 'linux-x64', tools: '', glibc: '2.28' },
  'linux-arm64': { on: 'linux-x64', tools: 'aarch64-linux-gnu-', glibc: '2.28' },
  'win32-x64': { on: 'linux-x64', tools: 'x86_64-w64-mingw32-' },
  'darwin-x64': { on: 'darwin-arm64', tools: '' },
  'darwin-arm64': { on: 'darwin-arm64', tools: '' },
};

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const here = `${process.platform}-${process.arch}`;
const asked = process.argv.slice(2);
const names = asked.length > 0 ? asked : Object.keys(targets).filter(name => targets[name].on === here);

try {
  if (names.length === 0) throw new Error(`none is made on ${here}`);
  for (const name of names) process.stdout.write(`${make(name)}\n`);
} catch (error) {
  process.stderr.write(`prebuilds: ${error.message}\n`);
  process.exitCode = 1;
}

/** A line about what was made. */
function make(name) {
  if (!targets[name]) throw new Error(`there is no target ${name}; there are ${Object.keys(targets).join(', ')}`);
  const { on, tools, glibc } = targets[name];
  if (on !== here) throw new Error(`${name} is made on ${on}, and this is ${here}`);
  const folder = join(root, 'prebuilds', name);
  rmSync(folder, { recursive: true, force: true });
  build(name);
  const [file, ...others] = readdirSync(folder);
  if (others.length > 0) throw new Error(`${name}: more than one file was made: ${[file, ...others].join(', ')}`);
  const binary = join(folder, file);
  if (process.platform === 'darwin') run('codesign', ['--sign', '-', '--force', binary]); // stripping broke the signature
  const made = `prebuilds/${name}/${file}: ${(statSync(binary).size / 1e6).toFixed(2)} MB`;
  return glibc ? `${made}, ${checkGlibc(binary, tools, glibc)}` : made;
}

function build(name) {
  const [platform, arch] = name.split('-');
  const { tools, glibc } = targets[name];
  const work = join(root, 'build-prebuilds', name);
  mkdirSync(work, { recursive: true });
  const options = ['CMAKE_COMPILE_WARNING_AS_ERROR=ON'];
  if (glibc) options.push('RECURRA_OLD_GLIBC=ON');
  if (tools) options.push(`CMAKE_TOOLCHAIN_FILE=${join(root, 'cmake', `${name}.cmake`)}`);
  const prebuildify = [join(root, 'node_modules', 'prebuildify', 'bin.js')];
  prebuildify.push('--napi', '--name', 'recurra', '--platform', platform, '--arch', arch, '--cwd', work, '--out', root);
  prebuildify.push('--strip', '--strip-bin', `${tools}strip`);
  prebuildify.push('--node-gyp', join(root, 'scripts', 'node-gyp-shim.mjs'));
  if (glibc) prebuildify.push('--tag-libc', 'glibc');
  run(process.execPath, prebuildify, { RECURRA_CMAKE_OPTIONS: options.join(' ') });
}

/** @throws where the binary needs something newer than `allowed` */
function checkGlibc(binary, tools, allowed) {
  const symbols = run(`${tools}objdump`, ['-T', binary])
    .split('\n')
    .flatMap(line => /GLIBC_(?<version>[\d.]+)\)? +(?<symbol>\S+)$/.exec(line)?.groups ?? []);
  const tooNew = symbols.filter(({ version }) => compareVersions(version, allowed) > 0);
  if (tooNew.length > 0) {
    const list = tooNew.map(({ version, symbol }) => `${symbol} of ${version}`).join(', ');
    throw new Error(`${binary} needs more than glibc ${allowed}: ${list}; see native/compat/glibc.cc`);
  }
  const newest = symbols
    .map(({ version }) => version)
    .sort(compareVersions)
    .at(-1);
  return `glibc ${newest} or newer`;
}

function compareVersions(a, b) {
  return a.localeCompare(b, 'en', { numeric: true });
}

/** What it says on stdout. @throws with all that it said where it fails */
function run(command, args, environment = {}) {
  const env = { ...process.env, ...environment };
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 2 ** 26, env });
  if (status === 0) return stdout;
  throw new Error(`${[command, ...args].join(' ')} failed${error ? ` (${error.message})` : ''}\n${stdout}${stderr}`);
}
