import { suites } from './index.ts';
import { Workspace } from './workspace.ts';

// `npm run mutate [-- TEXT]`: makes one mistake after another in a copy of the tree, those whose name contains TEXT where it
// is given, and fails when the tests do not notice one.

const [wanted = ''] = process.argv.slice(2);
const workspace = new Workspace();
const survivors: string[] = [];
let killed = 0;
process.once('SIGINT', () => {
  workspace.remove();
  process.exit(130);
});
try {
  for (const { name, tests, native, mutations } of suites) {
    const chosen = mutations.filter(mutation => mutation.name.includes(wanted));
    if (chosen.length === 0) continue;
    const check = async () => {
      const built = native ? await workspace.build() : { passed: true, by: '' };
      return { built, tested: built.passed ? await workspace.test(tests) : built };
    };
    const { tested } = await check();
    if (!tested.passed) throw new Error(`${name}: the tests fail without any mistake: ${tested.by}`);
    for (const mutation of chosen) {
      const begin = performance.now();
      const { built, tested } = await workspace.with(mutation, check);
      const seconds = ((performance.now() - begin) / 1000).toFixed(1);
      // What does not compile says nothing about the tests.
      const survives = tested.passed || !built.passed;
      if (survives) survivors.push(mutation.name);
      else killed++;
      console.log(
        `${survives ? 'SURVIVED' : 'killed  '}  ${mutation.name}  (${seconds} s)${tested.by ? `  by ${tested.by}` : ''}`,
      );
    }
  }
  console.log(`${killed} killed, ${survivors.length} survived`);
  process.exitCode = survivors.length > 0 || killed === 0 ? 1 : 0;
} finally {
  workspace.remove();
}
