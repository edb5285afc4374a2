// `npm run licences`: the licence of every package that travels inside ours, from the lockfile. Fails where one is not permissive.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const permissive = new Set(['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD']);

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const shipped = Object.entries(packages).filter(([path, { dev }]) => path !== '' && !dev);

for (const [path, { version, license = 'none named' }] of shipped) {
  const name = path.replace(/^.*node_modules\//, '');
  const allowed = permissive.has(license);
  process.stdout.write(`${`${name}@${version}`.padEnd(32)}${license}${allowed ? '' : '  (not permissive)'}\n`);
  if (!allowed) process.exitCode = 1;
}
