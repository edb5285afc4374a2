import type { Program } from '../program/program.ts';
import type { DType, Sizes } from '../program/shape.ts';

export type RealArray = Float32Array | Float64Array;
export type NumberArray = RealArray | Int32Array;

/** Memory that TypeScript and the backend both see and that outlives programs. */
export interface Storage {
  /** Over a SharedArrayBuffer, 64-byte aligned. */
  readonly array: NumberArray;
  /** Tells the backend that TypeScript wrote into `array`: packed copies of it are made anew. */
  touch(): void;
}

/** What a run is given. */
export interface Feeds {
  /** A value for each of the program's named sizes. */
  readonly sizes: Sizes;
  /** An array for each feed of the program, in its shape, row-major. Read before `run` returns. */
  readonly values: Readonly<Record<string, NumberArray>>;
}

/** The program's results by name, in their shapes, row-major; the caller's to keep. */
export type Results = Readonly<Record<string, NumberArray>>;

export interface RunOptions {
  /** Aborting before the commit point rejects with the signal's reason and leaves parameters and state untouched. */
  readonly signal?: AbortSignal;
}

export interface Executable {
  readonly program: Program;
  /**
   * Runs off the event loop; runs on one backend are first in, first out.
   * Rejects with ERR_FEED, ERR_INDEX, ERR_NON_FINITE, ERR_CLOSED, ERR_MEMORY; nothing is committed then.
   */
  run(feeds: Feeds, options?: RunOptions): Promise<Results>;
  /** Runs at once on the calling thread. @throws ERR_BUSY while a run writes what this program reads */
  runSync(feeds: Feeds): Results;
  /**
   * Prepares what `runSync` does to be done over and over on the same memory, without a check or an allocation per run: for
   * streams, where a step takes microseconds. The arrays, made by `allocate`, are read and written anew by each run; a result
   * may be written where a feed is read, as a state is.
   * @throws ERR_FEED, ERR_ARGUMENT
   */
  bind(feeds: Feeds, results: Results): BoundRun;
  /** Seconds that each of the program's steps has taken since the call before, over all runs; the first call starts the clock. */
  times(): Float64Array;
}

export interface BoundRun {
  /** Runs at once on the calling thread; results stay as they are where it throws. @throws as `runSync` */
  run(): void;
}

/** What no kernel of a backend can exceed on its threads. */
export interface Limits {
  /** GF/s of fused multiply-adds, a multiplication and an addition counted as two. */
  readonly peak: number;
  /** GB/s from and to memory, for arrays that no cache holds. */
  readonly bandwidth: number;
}

/** Runs programs. Everything the library asks of the machine goes through here. */
export interface Backend {
  readonly name: 'native' | 'wasm' | 'js';
  readonly precision: 'float32' | 'float64';
  /** Instruction set of the kernels; 'wasm' and 'js' on the backends of these names. */
  readonly isa: string;
  readonly threads: number;
  /** Zeroed storage. */
  allocate(dtype: DType, elements: number): Storage;
  /** @param storages the program's named allocations, made by this backend */
  load(program: Program, storages: Readonly<Record<string, Storage>>): Executable;
  /**
   * Measures the limits on the spot, off the event loop, in half a second; what else uses the processor makes them too low. On
   * native only: it is kernels in vectors that come near them.
   */
  limits?(): Promise<Limits>;
  /** Stops the backend's threads once the runs under way have ended; further runs reject with ERR_CLOSED. */
  close(): Promise<void>;
}
