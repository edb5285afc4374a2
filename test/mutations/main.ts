import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { suites } from './index.ts';
import type { Mutation, Suite } from './mutation.ts';
import { type Limits, limitsFor, type Verdict, Workspace } from './workspace.ts';

// `npm run mutate [-- TEXT]`: makes one mistake after another in a copy of the tree, those whose name contains TEXT where it
// is given, and fails when the tests do not notice one.

const root = resolve(import.meta.dirname, '../..');
const [wanted = ''] = process.argv.slice(2);
const workspace = new Workspace();
const counts = { killed: 0, survived: 0, unfit: 0 };
process.once('SIGINT', () => {
  workspace.remove();
  process.exit(130);
});
try {
  for (const suite of suites) {
    const chosen = suite.mutations.filter(({ name }) => name.includes(wanted));
    if (chosen.length === 0) continue;
    if (suite.requires && !existsSync(join(root, suite.requires))) {
      console.log(`left out  ${suite.name}: there is no ${suite.requires}`);
      continue;
    }
    const limits = await expectToPass(suite);
    for (const mutation of chosen) {
      const begin = performance.now();
      const { outcome, by } = await put(mutation, suite, limits);
      counts[outcome]++;
      const seconds = ((performance.now() - begin) / 1000).toFixed(1);
      console.log(`${outcome.padEnd(8)}  ${mutation.name}  (${seconds} s)${by && `  by ${by}`}`);
    }
  }
  const { killed, survived, unfit } = counts;
  console.log(`${killed} killed, ${survived} survived${unfit > 0 ? `, ${unfit} that say nothing` : ''}`);
  process.exitCode = killed > 0 && survived + unfit === 0 ? 0 : 1;
} finally {
  workspace.remove();
}

/** Builds and tests without any mistake; how long tests with one may take. */
async function expectToPass(suite: Suite): Promise<Limits> {
  const { passed, by, tookMs } = await buildAndTest(suite);
  if (!passed) throw new Error(`${suite.name}: the tests fail without any mistake: ${by}`);
  return limitsFor(tookMs);
}

/** A mistake that no longer fits the code, or that does not compile, says nothing about the tests. */
async function put(
  mutation: Mutation,
  suite: Suite,
  limits: Limits,
): Promise<{ outcome: keyof typeof counts; by: string }> {
  try {
    const { built, passed, by } = await workspace.with(mutation, () => buildAndTest(suite, limits));
    return { outcome: !built ? 'unfit' : passed ? 'survived' : 'killed', by };
  } catch (error) {
    return { outcome: 'unfit', by: error instanceof Error ? error.message : String(error) };
  }
}

async function buildAndTest(
  { native, tests }: Suite,
  limits?: Limits,
): Promise<Verdict & { built: boolean; tookMs: number }> {
  const built = native ? await workspace.build() : { passed: true, by: '' };
  if (!built.passed) return { ...built, built: false, tookMs: 0 };
  const begin = performance.now();
  const verdict = await workspace.test(tests, limits);
  return { ...verdict, built: true, tookMs: performance.now() - begin };
}
