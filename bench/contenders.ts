import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Absent } from './serve.ts';
import { operationsOf, tokensOf, type Workload } from './workloads.ts';

/** How a contender's process is started; the workload is added to the arguments. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Definition {
  /** Whether it uses the threads it is given; the others always use one. */
  readonly threaded: boolean;
  /** Why it does not take part in a workload. */
  refuses(workload: Workload): string | undefined;
  /** @throws Absent where it is not installed */
  launch(): Launch;
}

/** Those who can be measured, in the order of their turns. */
export const contenders = {
  native: { threaded: true, refuses: () => undefined, launch: () => node('native.ts') },
  js: { threaded: false, refuses: () => undefined, launch: () => node('js.ts') },
  tfjs: { threaded: false, refuses: tfjsRefuses, launch: () => node('tfjs.mjs') },
  torch: {
    threaded: true,
    refuses: ({ reset, cell }) =>
      cell === 'gru' && reset === 'before' ? 'its gru has the reset after the product only' : undefined,
    launch: torch,
  },
  onednn: { threaded: true, refuses: onednnRefuses, launch: onednn },
  onnxruntime: {
    threaded: true,
    refuses: ({ task, cellModule }) =>
      task === 'inference' || (task === 'stream' && !cellModule)
        ? undefined
        : 'infers only, and is measured in W5 and W5S',
    launch: () => node('onnxruntime.mjs'),
  },
} as const satisfies Readonly<Record<string, Definition>>;

export type ContenderName = keyof typeof contenders;
export const contenderNames = Object.keys(contenders) as ContenderName[];

/** A smaller version of a training workload that TensorFlow.js, which is refused the full one, is measured in with js. */
export function smallerForTfjs({ name }: Workload): string | undefined {
  if (name === 'W2') return 'W2-4x8';
  const [, cell] = /^W1-(\w+)$/.exec(name) ?? [];
  return cell && `W1x-${cell}-16x25`;
}

const mostTfjsOperations = 4e9;
const mostOneHotRows = 256;

function tfjsRefuses(workload: Workload): string | undefined {
  const { cell, reset, directions, vocabulary, cellModule } = workload;
  if (vocabulary > mostOneHotRows) return `an embedding of ${vocabulary} rows takes it minutes a step`;
  if (operationsOf(workload) > mostTfjsOperations) return 'a step takes it minutes';
  if (cell === 'gru' && reset === 'after') return 'its gru has the reset before the product only';
  if (directions === 2 || cellModule) return 'it is not measured there';
  return undefined;
}

function onednnRefuses(workload: Workload): string | undefined {
  const { task, vocabulary, directions, cellModule, classes } = workload;
  if (directions === 2 || cellModule || tokensOf(workload) < workload.batch * workload.steps)
    return 'it is not measured there';
  return classes > 0 && vocabulary === 0 ? `the ${task} on given vectors is for comparison with tfjs` : undefined;
}

/** Its loader flags are those of this process, so TypeScript runs there as it does here. */
function node(file: string): Launch {
  return { command: process.execPath, args: [...process.execArgv, here(file)] };
}

/** Debian keeps several builds of BLAS side by side; those on OpenMP share PyTorch's threads. Best first. */
function torch(): Launch {
  const probe = 'import importlib.util, sys; sys.exit(importlib.util.find_spec("torch") is None)';
  const python = ['/usr/bin/python3', 'python3'].find(path => spawnSync(path, ['-c', probe]).status === 0);
  if (!python) throw new Absent('no python3 has torch (Debian: apt install python3-torch libblis4-openmp)');
  const folders = ['blis-openmp', 'openblas-openmp'].flatMap(build =>
    (existsSync('/usr/lib') ? readdirSync('/usr/lib') : [])
      .filter(triplet => triplet.endsWith('-linux-gnu'))
      .map(triplet => `/usr/lib/${triplet}/${build}`),
  );
  const blas = folders.find(folder => existsSync(folder));
  return {
    command: python,
    args: [here('pytorch.py')],
    environment: {
      ...(blas ? { LD_LIBRARY_PATH: [blas, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':') } : {}),
      // Keeps freed memory, so that a step does not fetch it from the system again.
      MALLOC_TRIM_THRESHOLD_: '8589934592',
      MALLOC_TOP_PAD_: '268435456',
    },
  };
}

/** Compiled when it is first asked for, and again when a source is newer. */
function onednn(): Launch {
  const sources = here('onednn');
  const folder = fileURLToPath(new URL('../build-bench/', import.meta.url));
  const program = `${folder}onednn`;
  const changed = Math.max(...readdirSync(sources).map(file => statSync(`${sources}/${file}`).mtimeMs));
  if (!existsSync(program) || statSync(program).mtimeMs < changed) {
    mkdirSync(folder, { recursive: true });
    const flags = ['-std=c++20', '-O3', '-march=native', '-ffast-math', '-fopenmp'];
    const unfinished = `${program}.${process.pid}`;
    const { error, status, stderr } = spawnSync('g++', [...flags, `${sources}/main.cpp`, '-ldnnl', '-o', unfinished], {
      encoding: 'utf8',
    });
    if (error || status !== 0) {
      const why = error ? error.message : stderr.split('\n').find(line => line.includes('error'));
      throw new Absent(`it does not compile: ${why} (Debian 12: apt install g++ libdnnl-dev)`);
    }
    renameSync(unfinished, program);
  }
  return { command: program, args: [] };
}

function here(file: string): string {
  return fileURLToPath(new URL(`contenders/${file}`, import.meta.url));
}
