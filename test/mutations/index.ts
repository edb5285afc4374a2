import { cellScans } from './cell-scans.ts';
import { jsCellOptions } from './js-cell-options.ts';
import { jsCells } from './js-cells.ts';
import { jsLosses } from './js-losses.ts';
import { jsOperations } from './js-operations.ts';
import { jsOptimizers } from './js-optimizers.ts';
import { jsRuns } from './js-runs.ts';
import { layers } from './layers.ts';
import { models } from './models.ts';
import type { Suite } from './mutation.ts';
import { nativeBits } from './native-bits.ts';
import { nativeCellOptions } from './native-cell-options.ts';
import { nativeCells } from './native-cells.ts';
import { nativeEngine } from './native-engine.ts';
import { nativeLosses } from './native-losses.ts';
import { nativeOperations } from './native-operations.ts';
import { nativeOptimizers } from './native-optimizers.ts';
import { nativeParallel } from './native-parallel.ts';
import { nativeQuantized } from './native-quantized.ts';
import { nativeSequences } from './native-sequences.ts';
import { program } from './program.ts';
import { training } from './training.ts';
import { wasmRuns } from './wasm.ts';

export const suites: readonly Suite[] = [
  program,
  cellScans,
  jsCells,
  jsCellOptions,
  jsOperations,
  jsLosses,
  jsOptimizers,
  jsRuns,
  layers,
  models,
  training,
  nativeCells,
  nativeCellOptions,
  nativeQuantized,
  nativeSequences,
  nativeOperations,
  nativeLosses,
  nativeOptimizers,
  nativeEngine,
  nativeBits,
  nativeParallel,
  wasmRuns,
];
