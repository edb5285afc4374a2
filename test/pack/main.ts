import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runMatrix } from '../platforms/matrix.ts';
import { consumers } from './consumers.ts';
import { npm, run } from './npm.ts';
import { platforms } from './platforms.ts';
import { Project } from './project.ts';
import { makeTarball } from './tarball.ts';

// `npm run pack:check [-- --made]`: makes the binaries and the tarball, and trains a tiny lstm from it wherever that can be tried
// here, a line for each cell. With --made it takes dist/ and prebuilds/ as they are.

const root = resolve(import.meta.dirname, '../..');
const say = (line: string) => console.log(line);

if (!process.argv.includes('--made')) {
  npm(['run', 'prepack'], { cwd: root });
  say(run(process.execPath, [join('scripts', 'prebuilds.mjs')], { cwd: root }).trimEnd());
}
const folder = mkdtempSync(join(tmpdir(), 'recurra-tarball-'));
const tarball = makeTarball(folder);
say(
  `${tarball.path.slice(folder.length + 1)}: ${megabytes(tarball.sizeBytes)}, ${megabytes(tarball.unpackedBytes)} unpacked`,
);
const project = new Project(tarball.path);
let failures = 0;
try {
  const trial = join(project.folder, 'esm.mjs');
  const outcomes = runMatrix(platforms, [isa => [trial, isa]], say);
  failures += outcomes.filter(outcome => outcome === 'failed').length;
  for (const { name, expected, run } of consumers) {
    const begin = performance.now();
    const said = await Promise.resolve(project)
      .then(run)
      .catch((error: Error) => error.message);
    const passed = expected.test(said);
    const seconds = `${((performance.now() - begin) / 1000).toFixed(0)} s`;
    say([name.padEnd(43), passed ? 'passed' : 'failed', seconds].join('  '));
    if (!passed) say(said);
    failures += Number(!passed);
  }
} finally {
  project.remove();
  rmSync(folder, { recursive: true });
}
process.exitCode = failures > 0 ? 1 : 0;

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
