// Builds dist/wasm/recurra.wasm, the engine and its kernels in WebAssembly, or says what that takes; with --where-possible it is no
// failure that something is missing.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));

const compilers = ['clang++-19', 'clang++'];
const packages = 'clang-19 lld-19 libclang-rt-19-dev-wasm32 libc++-19-dev-wasm32 libc++abi-19-dev-wasm32 wasi-libc';
const folder = join('build', 'wasm');
const file = join('dist', 'wasm', 'recurra.wasm');

if (!works('cmake', ['--version'])) lack('CMake is missing: install it');
const compiler = compilers.find(name => works(name));
if (!compiler) lack(`${compilers[0]} is missing: install it (on Debian and Ubuntu: ${packages})`);
if (!linksForWasi(compiler))
  lack(
    `${compiler} lacks the linker or the libraries for wasm32-wasi: install them (on Debian and Ubuntu: ${packages})`,
  );

run('cmake', [
  ...['-S', join('native', 'wasm'), '-B', folder],
  ...[`-DCMAKE_TOOLCHAIN_FILE=${join(process.cwd(), 'cmake', 'wasm.cmake')}`, `-DCMAKE_CXX_COMPILER=${compiler}`],
]);
run('cmake', ['--build', folder, '--parallel', String(availableParallelism())]);
mkdirSync(dirname(file), { recursive: true });
copyFileSync(join(folder, 'recurra.wasm'), file);
process.stderr.write(`${file}: ${Math.ceil(statSync(file).size / 1024)} KB\n`);

function works(command, args = ['--version']) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

function linksForWasi(compiler) {
  const args = ['--target=wasm32-wasi', '-mexec-model=reactor', '-x', 'c++', '-', '-o', join('build', 'probe.wasm')];
  mkdirSync('build', { recursive: true });
  return spawnSync(compiler, args, { input: '#include <string>\nstd::string text(1, 0);\n' }).status === 0;
}

function run(command, args) {
  const { status } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) stop(`failed: ${[command, ...args].join(' ')}`);
}

/** Ends where a tool is missing: the package then goes without WebAssembly, or with the module that is there. */
function lack(why) {
  stop(why, process.argv.includes('--where-possible') ? 0 : 1);
}

function stop(why, status = 1) {
  process.stderr.write(`build:wasm: ${why}\n`);
  process.exit(status);
}
