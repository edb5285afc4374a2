import { fileURLToPath } from 'node:url';
import type { Tolerance } from './agreement.ts';
import { compiled } from './compile.ts';
import { torch } from './torch.ts';
import { isRagged, operationsOf, type Workload } from './workloads.ts';

/** How a contender's process is started; the workload is added to the arguments. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  /** Beside this process's own; undefined takes a variable out. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** Instruction sets that a contest may be kept to. */
export const benchIsas = ['avx2', 'avx512'] as const;
export type BenchIsa = (typeof benchIsas)[number];

const keptByRecurra = (isa: BenchIsa) => ({ RECURRA_ISA: isa });
const keptByOnednn = (isa: BenchIsa) => ({ ONEDNN_MAX_CPU_ISA: { avx2: 'AVX2', avx512: 'ALL' }[isa] });

export interface Definition {
  /** Whether it uses the threads it is given; the others always use one. */
  readonly threaded: boolean;
  /** How far its answer may be from others', where its numbers are not theirs. */
  readonly tolerance?: Tolerance;
  /** The environment that keeps it to an instruction set; undefined where nothing does. */
  readonly keptTo?: (isa: BenchIsa) => NonNullable<Launch['environment']>;
  /** Why it does not take part in a workload. */
  refuses(workload: Workload): string | undefined;
  /**
   * The ways to start it; of several, the fastest at a workload takes part.
   * @throws Absent where it is not installed
   */
  launches(): readonly Launch[];
}

/** Those who can be measured, in the order of their turns. */
export const contenders = {
  native: { threaded: true, keptTo: keptByRecurra, refuses: () => undefined, launches: () => node('native.ts') },
  'native-padded': {
    threaded: true,
    keptTo: keptByRecurra,
    refuses: workload =>
      workload.task === 'layer' && isRagged(workload) ? undefined : 'it pads the lengths of W4R, for comparison',
    launches: () => node('native-padded.ts'),
  },
  'native-scan': {
    threaded: true,
    keptTo: keptByRecurra,
    refuses: ({ task, cell }) =>
      task === 'layer' && cell === 'lstm' ? undefined : 'it is an lstm written by hand, in W4 for comparison',
    launches: () => node('native-scan.ts'),
  },
  'native-bfloat16': {
    threaded: true,
    keptTo: keptByRecurra,
    tolerance: { loss: 1e-3, tensor: 2e-2 },
    refuses: () => undefined,
    launches: () => node('native-quantized.ts', 'bfloat16'),
  },
  'native-int8': {
    threaded: true,
    keptTo: keptByRecurra,
    tolerance: { loss: 0, tensor: 5e-2 },
    refuses: ({ task }) =>
      task === 'inference' || task === 'stream' ? undefined : 'it is for inference, and measured in W5 and W5S',
    launches: () => node('native-quantized.ts', 'int8'),
  },
  wasm: { threaded: false, refuses: () => undefined, launches: () => node('wasm.ts') },
  js: { threaded: false, refuses: () => undefined, launches: () => node('js.ts') },
  tfjs: { threaded: false, refuses: tfjsRefuses, launches: () => node('tfjs.mjs') },
  torch: {
    threaded: true,
    refuses: ({ reset, cell }) =>
      cell === 'gru' && reset === 'before' ? 'its gru has the reset after the product only' : undefined,
    launches: torch,
  },
  onednn: {
    threaded: true,
    keptTo: keptByOnednn,
    refuses: onednnRefuses,
    launches: () => [{ command: compiled('onednn', ['dnnl']), args: [] }],
  },
  onnxruntime: {
    threaded: true,
    refuses: ({ task, cellModule }) =>
      task === 'inference' || (task === 'stream' && !cellModule)
        ? undefined
        : 'infers only, and is measured in W5 and W5S',
    launches: () => node('onnxruntime.mjs'),
  },
} as const satisfies Readonly<Record<string, Definition>>;

export type ContenderName = keyof typeof contenders;
export const contenderNames = Object.keys(contenders) as ContenderName[];

/** Implementations; the others are uses of native. */
export const implementations = contenderNames.filter(name => !name.startsWith('native-'));

/** A smaller version of a training workload that TensorFlow.js, which is refused the full one, is measured in with js. */
export function smallerForTfjs({ name }: Workload): string | undefined {
  if (name === 'W2') return 'W2-4x8';
  const [, cell] = /^W1-(\w+)$/.exec(name) ?? [];
  return cell && `W1x-${cell}-16x25`;
}

const mostTfjsOperations = 4e9;
const mostOneHotRows = 256;

function tfjsRefuses(workload: Workload): string | undefined {
  const { task, cell, reset, directions, vocabulary, cellModule } = workload;
  if (vocabulary > mostOneHotRows) return `an embedding of ${vocabulary} rows takes it minutes a step`;
  if (operationsOf(workload) > mostTfjsOperations) return 'a step takes it minutes';
  if (cell === 'gru' && reset === 'after') return 'its gru has the reset before the product only';
  if (directions === 2 || cellModule || task === 'layer') return 'it is not measured there';
  return undefined;
}

function onednnRefuses(workload: Workload): string | undefined {
  const { task, vocabulary, directions, cellModule, classes } = workload;
  if (directions === 2 || cellModule || isRagged(workload)) return 'it is not measured there';
  return classes > 0 && vocabulary === 0 ? `the ${task} on given vectors is for comparison with tfjs` : undefined;
}

/** Its loader flags are those of this process, so TypeScript runs there as it does here. */
function node(file: string, ...more: readonly string[]): Launch[] {
  const path = fileURLToPath(new URL(`contenders/${file}`, import.meta.url));
  return [{ command: process.execPath, args: [...process.execArgv, path, ...more] }];
}
