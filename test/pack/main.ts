import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Outcome, runMatrix } from '../platforms/matrix.ts';
import { Missing } from '../platforms/platform.ts';
import { consumers } from './consumers.ts';
import { npm, run } from './npm.ts';
import { platformsOf, rows } from './platforms.ts';
import { Project } from './project.ts';
import { budget, makeTarball } from './tarball.ts';

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
  `${tarball.path.slice(folder.length + 1)}: ${megabytes(tarball.sizeBytes)} of at most ${megabytes(budget.sizeBytes)}, ` +
    `${megabytes(tarball.unpackedBytes)} of at most ${megabytes(budget.unpackedBytes)} unpacked`,
);

const outcomes: Outcome[] = [];
let project: Project | undefined;
try {
  await check('npm install --offline --ignore-scripts, no compiler', () => {
    project = new Project(tarball.path);
  });
  if (project) await checkInstalled(project);
  await check('contents, size, types, licences, import (npm test)', testsOfTheTarball);
} finally {
  project?.remove();
  rmSync(folder, { recursive: true });
}
const count = (wanted: Outcome) => `${outcomes.filter(outcome => outcome === wanted).length} ${wanted}`;
say([count('passed'), count('failed'), count('not run here')].join(', '));
process.exitCode = outcomes.includes('failed') ? 1 : 0;

async function checkInstalled(project: Project): Promise<void> {
  const cell = join(project.folder, 'cell.mjs');
  outcomes.push(...runMatrix(rows.flatMap(platformsOf), [computes => [cell, computes]], say));
  for (const { name, expected, run } of consumers)
    await check(name, async () => {
      const said = await run(project);
      if (!expected.test(said)) throw new Error(said);
    });
}

/** They pack it themselves: dist/ and prebuilds/ are the same. */
function testsOfTheTarball(): void {
  const mocha = join('node_modules', 'mocha', 'bin', 'mocha.js');
  const tests = join('test', 'pack', '*.test.ts');
  run(process.execPath, [mocha, '--no-config', '--node-option=import=tsx', '--forbid-pending', tests], { cwd: root });
}

async function check(name: string, work: () => void | Promise<void>): Promise<void> {
  const begin = performance.now();
  const [outcome, why] = await outcomeOf(work);
  const seconds = `${((performance.now() - begin) / 1000).toFixed(1)} s`;
  say([name.padEnd(72), outcome, outcome === 'not run here' ? why : seconds].join('  '));
  if (outcome === 'failed') say(why);
  outcomes.push(outcome);
}

async function outcomeOf(work: () => void | Promise<void>): Promise<[Outcome, string]> {
  try {
    await work();
    return ['passed', ''];
  } catch (error) {
    return [error instanceof Missing ? 'not run here' : 'failed', (error as Error).message];
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
