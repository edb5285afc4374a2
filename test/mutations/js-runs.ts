import type { Suite } from './mutation.ts';
import { testsIn } from './tests-in.ts';

const interpreter = 'lib/backend/js/interpreter.ts';
const backend = 'lib/backend/hosted/hosted-backend.ts';
const loadedProgram = 'lib/backend/hosted/loaded-program.ts';
const runner = 'lib/backend/hosted/worker-runner.ts';
const layout = 'lib/backend/js/layout.ts';
const indices = 'lib/backend/js/indices.ts';
const recurrent = 'lib/backend/js/recurrent.ts';

/** The rules of a run on the js backend. */
export const jsRuns: Suite = {
  name: 'runs on js',
  native: false,
  tests: ['test/backend/js-conformance.test.ts', ...testsIn('test/backend', /^js/)],
  mutations: [
    {
      name: 'js run: a loss that is not finite is written',
      file: interpreter,
      find: 'if (!Number.isFinite(value))',
      replace: 'if (false)',
    },
    {
      name: 'js run: results are views of the arena',
      file: interpreter,
      find: 'views[id]!.data.slice()',
      replace: 'views[id]!.data',
    },
    {
      name: 'js run: the commit point comes after the first update',
      file: interpreter,
      find: 'if (index === commit) this.#commit(views); this.poll();',
      replace: 'this.poll(); if (index === commit + 1) this.#commit(views);',
    },
    {
      name: 'js run: cancelling is noticed past the commit point',
      file: interpreter,
      find: 'this.#cancelled = () => false; }',
      replace: '}',
    },
    {
      name: 'js run: cancelling is not noticed',
      file: interpreter,
      find: 'if (this.#cancelled()) throw new Cancelled();',
      replace: '',
    },
    {
      name: 'js run: what a step took is what all took before it',
      file: interpreter,
      find: '(ends[index - 1] ?? begin)',
      replace: 'begin',
    },
    {
      name: 'js run: times are told again',
      file: backend,
      find: 'this.#seconds = now;',
      replace: 'this.#seconds ??= now;',
    },
    {
      name: 'js run: feeds are read after run returned',
      file: runner,
      find: '[name, array.slice()]',
      replace: '[name, array]',
    },
    {
      name: 'js run: a run in flight does not make parameters busy',
      file: loadedProgram,
      find: "if (this.#reads.has(storage) || this.#writes.has(storage)) throw busy(this.#nameOf(storage), 'written');",
      replace: '',
    },
    {
      name: 'js run: closing does not wait for the runs under way',
      file: runner,
      find: 'if (this.#pending.size > 0) await new Promise<void>(resolve => (this.#idle = resolve));',
      replace: '',
    },
    {
      name: 'js run: a closed backend runs on',
      file: backend,
      find: 'if (this.#closing) throw',
      replace: 'if (false) throw',
    },
    {
      name: 'js run: indices may be negative',
      file: indices,
      find: 'value >= 0 && value < limit',
      replace: 'value < limit',
    },
    {
      name: 'js run: indices may be one too large',
      file: indices,
      find: 'value >= 0 && value < limit',
      replace: 'value >= 0 && value <= limit',
    },
    { name: 'js run: offsets may grow', file: layout, find: 'active < 0 || active > limit', replace: 'active < 0' },
    { name: 'js run: order may repeat', file: layout, find: 'if (seen[place])', replace: 'if (false)' },
    {
      name: 'js run: cancelling is not noticed while steps are computed again',
      file: recurrent,
      find: 'return (t, h, c) => { run.poll();',
      replace: 'return (t, h, c) => {',
    },
  ],
};
