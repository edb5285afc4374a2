// `npm run test:sanitized [-- FILE...]`: builds the addon with AddressSanitizer and UndefinedBehaviorSanitizer and runs the tests of
// what is native with it, or these files; on Linux, with GCC. What they find ends the process, and says where. Tests of speed are
// left out.
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, 'build-sanitized');
const release = join(folder, 'build', 'Release'); // where a package would have it
const [...files] = process.argv.slice(2);
if (files.length === 0) files.push('test/native/**/*.test.ts', 'test/backend/native.test.ts', 'test/bits/bits.test.ts');

run('cmake', [
  ...['-S', root, '-B', folder, `-DCMAKE_LIBRARY_OUTPUT_DIRECTORY=${release}`],
  ...['-DCMAKE_CXX_COMPILER=g++', '-DRECURRA_SANITIZE=address,undefined'],
]);
run('cmake', ['--build', folder, '--parallel', String(availableParallelism())]);
// Node itself knows nothing of sanitizers: they must be there before it, and with them the C++ library whose exceptions they watch.
const libraries = ['libasan.so', 'libstdc++.so'].map(name => run('g++', [`-print-file-name=${name}`], 'pipe').trim());
const mocha = ['node_modules/mocha/bin/mocha.js', '--no-config', '--node-option', 'import=tsx', '--timeout', '600000'];
run(process.execPath, [...mocha, '--grep', 'the limits of the machine', '--invert', ...files], 'inherit', {
  RECURRA_PREBUILD: folder,
  LD_PRELOAD: libraries.join(':'),
  ASAN_OPTIONS: 'allocator_may_return_null=1:detect_leaks=0', // those would be Node's own
  UBSAN_OPTIONS: 'print_stacktrace=1',
});

/** What it says on stdout, where that is piped. Ends the process with its status where it fails. */
function run(command, args, stdout = 'inherit', environment = {}) {
  const env = { ...process.env, ...environment };
  const options = { cwd: root, encoding: 'utf8', stdio: ['ignore', stdout, 'inherit'], env };
  const { status, stdout: text, error } = spawnSync(command, args, options);
  if (status === 0) return text;
  process.stderr.write(`test:sanitized: failed: ${command}${error ? ` (${error.message})` : ''}\n`);
  process.exit(status || 1);
}
