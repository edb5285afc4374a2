import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import type { Isa } from '../../lib/backend/native.ts';
import { type Launch, Missing, type Platform } from './platform.ts';

const root = resolve(import.meta.dirname, '../..');
const mocha = join('node_modules', 'mocha', 'bin', 'mocha.js');

/** What is run with an instruction set, as arguments of Node. */
export type Suite = (isa: Isa) => readonly string[];

/** The hashes of test/bits: seconds, under emulation too. */
export const bits: Suite = isa => [join('test', 'bits', 'main.ts'), '--isa', isa];

/** What every backend must do, and the golden vectors: many minutes under emulation. */
export const conformance: Suite = isa => [
  mocha,
  ...['--no-config', '--timeout=0', '--reporter=dot', `--grep=(on|with) ${isa}\\b`],
  join('test', 'backend', 'native.test.ts'),
  join('test', 'golden', 'golden.test.ts'),
];

export type Outcome = 'passed' | 'failed' | 'not run here';

/** Runs the suites on every platform with each of its instruction sets, and says a line for each of these. */
export function runMatrix(
  platforms: readonly Platform[],
  suites: readonly Suite[],
  say: (line: string) => void,
): Outcome[] {
  return platforms.flatMap(({ name, isas, prepare }) => {
    const started = attempt(prepare);
    return isas.map(isa => {
      const begin = performance.now();
      const { outcome, version = '', why = '' } = started.launch ? runCell(started.launch, suites, isa) : started;
      const cell = [name.padEnd(15), isa.padEnd(11), version.padEnd(13), outcome];
      const seconds = `${((performance.now() - begin) / 1000).toFixed(0)} s`;
      say([...cell, outcome === 'not run here' ? why : seconds].join('  '));
      if (outcome === 'failed') say(why);
      return outcome;
    });
  });
}

interface Cell {
  readonly outcome: Outcome;
  readonly version?: string;
  readonly why?: string;
}

function attempt(prepare: Platform['prepare']): { launch: Launch } | (Cell & { launch?: undefined }) {
  try {
    return { launch: prepare() };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { outcome: error instanceof Missing ? 'not run here' : 'failed', why: error.message };
  }
}

function runCell({ command, args, environment }: Launch, suites: readonly Suite[], isa: Isa): Cell {
  const run = (more: readonly string[]) =>
    spawnSync(command, [...args, ...more], { cwd: root, encoding: 'utf8', env: { ...process.env, ...environment } });
  const version = `Node ${run(['-p', 'process.versions.node']).stdout?.trim()}`;
  for (const suite of suites) {
    const { status, stdout, stderr, error } = run(suite(isa));
    if (status !== 0) return { outcome: 'failed', version, why: error ? error.message : `${stdout}${stderr}` };
  }
  return { outcome: 'passed', version };
}
