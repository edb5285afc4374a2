import type { ProgramData } from '../program/program.ts';
import type { NumberArray } from './backend.ts';

export type Isa = 'scalar' | 'avx2' | 'avx512' | 'avx512_bf16' | 'neon';

/** All that the addon exposes. It checks what it is given and throws; it never prints and never ends the process. */
export interface Addon {
  /** Instruction sets that this binary has and this processor runs, best first; 'scalar' is always the last. */
  readonly isas: readonly Isa[];
  /** Physical cores that the process may use: min(cores, affinity, cgroup quota), at least 1. */
  readonly cores: number;
  /** The address of an array's memory modulo 64. */
  misalignment(array: NumberArray): number;
  /**
   * What so many threads reach at most with an instruction set, per second: fused multiply-adds, two operations each, and bytes
   * from and to memory. Takes half a second, on threads of its own, and up to 512 MiB, or `mostBytes`.
   */
  limits(options: EngineOptions, mostBytes: number): Promise<{ readonly operations: number; readonly bytes: number }>;
  readonly Engine: new (options: EngineOptions) => NativeEngine;
}

export interface EngineOptions {
  readonly threads: number;
  readonly isa: Isa;
}

/** Opaque to JavaScript. */
export type StorageHandle = { readonly __storage: never };
export type ProgramHandle = { readonly __program: never };

/** A pool of threads, an arena and a queue of runs. Lives in one environment; ends with it. */
export interface NativeEngine {
  /** Registers memory over a SharedArrayBuffer; the engine keeps it alive while a loaded program refers to it. */
  storage(array: NumberArray): StorageHandle;
  /** The memory was written by JavaScript: packed copies of it are stale. */
  touch(storage: StorageHandle): void;
  /** Checks the program from first to last step. @throws ERR_BACKEND unknown operation; ERR_SHAPE, ERR_ARGUMENT otherwise */
  load(program: ProgramData, storages: readonly StorageHandle[]): ProgramHandle;
  /** Says where arena buffers lie from the next run on. `offsets` as in `Plan`, one per buffer. */
  plan(program: ProgramHandle, offsets: Float64Array, bytes: number): void;
  /** Seconds that each step of the program has taken since the call before, over all runs; the first call starts the clock. */
  times(program: ProgramHandle): Float64Array;
  /**
   * Queues a run. `sizes` in the order of `program.sizes`, `feeds` in the order of the program's feed buffers. `cancel`
   * is over a SharedArrayBuffer; a value other than 0 cancels before the commit point. `done` is called on the JavaScript
   * thread with an error ({ code, message, buffer? }) or the results in the order of the program's result buffers.
   */
  run(
    program: ProgramHandle,
    sizes: readonly number[],
    feeds: readonly NumberArray[],
    cancel: Int32Array,
    done: (error: NativeError | undefined, results: NumberArray[] | undefined) => void,
  ): void;
  /** Runs on the calling thread as worker 0, alone where the pool is busy. @throws an error with a code */
  runSync(program: ProgramHandle, sizes: readonly number[], feeds: readonly NumberArray[]): NumberArray[];
  /**
   * Looks at feeds and results once, all over SharedArrayBuffers, and returns what runs on them as `runSync` does and writes
   * the results in place.
   */
  bind(
    program: ProgramHandle,
    sizes: readonly number[],
    feeds: readonly NumberArray[],
    results: readonly NumberArray[],
  ): () => void;
  /** Ends the threads after the runs already queued; `done` is called when that has happened. */
  close(done: () => void): void;
}

export interface NativeError {
  readonly code: string;
  readonly message: string;
  /** For ERR_NON_FINITE: the number of the buffer that is not finite. */
  readonly buffer?: number;
}
