import { rangeError } from '../errors.ts';
import type { Backend } from './backend.ts';
import { arrayOf } from './feeds.ts';
import { HostedBackend } from './hosted/hosted-backend.ts';
import { runnerFor } from './hosted/runner-for.ts';
import { Interpreter } from './js/interpreter.ts';
import { Memory } from './js/memory.ts';
import { sharedMemory } from './shared-memory.ts';

export interface JsOptions {
  /** What `real` means. Default 'float32'; 'float64' is what kernels and gradients are measured against. */
  readonly precision?: Backend['precision'];
}

/**
 * The backend in plain TypeScript, always there: `run` works in a Worker over shared memory (in a
 * browser in turns of the event loop), `runSync` on the calling thread.
 */
export function js({ precision = 'float32' }: JsOptions = {}): Backend {
  if (precision !== 'float32' && precision !== 'float64')
    throw rangeError('ERR_ARGUMENT', `js: precision must be 'float32' or 'float64', got ${String(precision)}`);
  const memory = new Memory();
  return new HostedBackend({
    name: 'js',
    isa: 'js',
    precision,
    runner: runnerFor('js', precision),
    allocate(dtype, elements) {
      const type = arrayOf(dtype, precision);
      return { array: new type(sharedMemory(elements * type.BYTES_PER_ELEMENT)), touch() {} };
    },
    open: loaded => new Interpreter(loaded, precision, memory),
  });
}
