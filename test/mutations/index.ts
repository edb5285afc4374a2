import { jsCells } from './js-cells.ts';
import { jsOperations } from './js-operations.ts';
import { jsRuns } from './js-runs.ts';
import type { Suite } from './mutation.ts';
import { nativeBits } from './native-bits.ts';
import { nativeCells } from './native-cells.ts';
import { nativeOperations } from './native-operations.ts';
import { nativeParallel } from './native-parallel.ts';
import { nativeSequences } from './native-sequences.ts';
import { program } from './program.ts';
import { training } from './training.ts';

export const suites: readonly Suite[] = [
  program,
  jsCells,
  jsOperations,
  jsRuns,
  training,
  nativeCells,
  nativeSequences,
  nativeOperations,
  nativeBits,
  nativeParallel,
];
