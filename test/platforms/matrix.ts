import { join } from 'node:path';
import type { Isa } from '../../lib/backend/native.ts';
import { type Launch, Missing, type Platform } from './platform.ts';
import { attempt } from './tools.ts';

const mocha = join('node_modules', 'mocha', 'bin', 'mocha.js');

/** What is run with one of the instruction sets that a platform is to have, as arguments of Node. */
export type Suite<Computes extends string = Isa> = (isa: Computes, all: readonly Computes[]) => readonly string[];

/** Whether the addon finds these instruction sets and no others, by itself. */
export const choice: Suite = (_, all) => [join('test', 'platforms', 'choice.ts'), ...all];

/** The hashes of test/bits: seconds, under emulation too. */
export const bits: Suite = isa => [join('test', 'bits', 'main.ts'), '--isa', isa];

/** What every backend must do, and the golden vectors: many minutes under emulation. */
export const conformance: Suite = isa => [
  mocha,
  ...['--no-config', '--timeout=0', '--reporter=dot', `--grep=(on|with) ${isa}\\b`],
  join('test', 'backend', 'native.test.ts'),
  join('test', 'golden', 'golden.test.ts'),
];

/** What it is that runs, in its own words. */
const runtime = "process.versions.bun ? 'Bun ' + process.versions.bun : 'Node ' + process.versions.node";

export type Outcome = 'passed' | 'failed' | 'not run here';

/** Runs the suites on every platform with each of its instruction sets, and says a line for each of these. */
export function runMatrix<Computes extends string>(
  platforms: readonly Platform<Computes>[],
  suites: readonly Suite<Computes>[],
  say: (line: string) => void,
): Outcome[] {
  const width = Math.max(17, ...platforms.map(({ name }) => name.length));
  return platforms.flatMap(({ name, isas, prepare }) => {
    const started = start(prepare);
    return isas.map(isa => {
      const begin = performance.now();
      const argued = suites.map(suite => suite(isa, isas));
      const cell: Cell = started.launch ? runCell(started.launch, argued) : started;
      const { outcome, version = '', why = '' } = cell;
      const words = [name.padEnd(width), isa.padEnd(11), version.padEnd(13), outcome];
      const seconds = `${((performance.now() - begin) / 1000).toFixed(0)} s`;
      say([...words, outcome === 'not run here' ? why : seconds].join('  '));
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

function start(prepare: () => Launch): { launch: Launch } | (Cell & { launch?: undefined }) {
  try {
    return { launch: prepare() };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { outcome: error instanceof Missing ? 'not run here' : 'failed', why: error.message };
  }
}

function runCell({ command, args, environment }: Launch, suites: readonly (readonly string[])[]): Cell {
  const node = (more: readonly string[]) => attempt(command, [...args, ...more], environment);
  const version = node(['-p', runtime]).said.trim();
  for (const suite of suites) {
    const { passed, said } = node(suite);
    if (!passed) return { outcome: 'failed', version, why: said };
  }
  return { outcome: 'passed', version };
}
