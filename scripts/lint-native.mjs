// Checks that the C++ sources are formatted as .clang-format says; with --fix, formats them.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const native = join(dirname(dirname(fileURLToPath(import.meta.url))), 'native');
const formatter = ['clang-format-19', 'clang-format'].find(
  command => !spawnSync(command, ['--version'], { stdio: 'ignore' }).error,
);

if (!formatter) {
  process.stderr.write('lint-native: the format of native/ was not checked; install clang-format-19 to check it\n');
} else {
  const files = readdirSync(native, { recursive: true })
    .filter(file => /\.(cc|h)$/.test(file))
    .map(file => join(native, file));
  const mode = process.argv.includes('--fix') ? ['-i'] : ['--dry-run', '--Werror'];
  process.exitCode = spawnSync(formatter, [...mode, ...files], { stdio: 'inherit' }).status ?? 1;
}
