import { type ErrorCode, failure, rangeError } from '../errors.ts';
import { capacityFor, fits, type Plan, plan } from '../program/plan.ts';
import type { Program } from '../program/program.ts';
import { type DType, extentOf, type Sizes } from '../program/shape.ts';
import type {
  Backend,
  BoundRun,
  Executable,
  Feeds,
  Limits,
  NumberArray,
  Results,
  RunOptions,
  Storage,
} from './backend.ts';
import { engineError } from './engine-error.ts';
import { checkBound, checkFeeds } from './feeds.ts';
import { addon, nativeError } from './load.ts';
import { namedSizes, namesOf } from './names.ts';
import type { Addon, Isa, NativeEngine, NativeError, ProgramHandle, StorageHandle } from './native.ts';
import { type Obstacle, obstacleToLoading, obstacleToTrust } from './obstacle.ts';
import { sharedMemory } from './shared-memory.ts';

export interface NativeOptions {
  /** At most; backends whose runs are under way at the same time share the cores. Default: the cores that the process may use. */
  readonly threads?: number;
  /** Default: the environment variable RECURRA_ISA, else the best that this processor runs. */
  readonly isa?: Isa;
}

/**
 * The backend in C++: float32, SIMD, threads of its own. An addon that fails its self-test is not used, unless the environment
 * variable RECURRA_BACKEND is native.
 * @throws ERR_BACKEND where no addon loads, it fails its self-test, or this machine lacks the instruction set; ERR_ARGUMENT
 */
export function native(options: NativeOptions = {}): Backend {
  if (!addon) throw unusable(obstacleToLoading());
  const { threads = addon.cores, isa = defaultIsa(addon) } = options;
  if (!addon.isas.includes(isa))
    throw failure('ERR_BACKEND', `native: isa must be one of ${addon.isas.join(', ')} on this machine, got ${isa}`);
  if (!Number.isInteger(threads) || threads < 1)
    throw rangeError('ERR_ARGUMENT', `native: threads must be a whole number of at least 1, got ${threads}`);
  const obstacle = process.env.RECURRA_BACKEND === 'native' ? undefined : trust(addon, isa);
  if (obstacle) throw unusable(obstacle);
  return new NativeBackend(addon, threads, isa);
}

/** What keeps the native backend from being the one that models use; undefined where nothing does. */
export function obstacleToNative(): Obstacle | undefined {
  if (!addon) return obstacleToLoading();
  const isa = defaultIsa(addon);
  return addon.isas.includes(isa) ? trust(addon, isa) : undefined; // else native() says what is wrong with it
}

function trust(addon: Addon, isa: Isa): Obstacle | undefined {
  return obstacleToTrust(addon, isa, () => new NativeBackend(addon, 1, isa));
}

function unusable({ why, remedy }: Obstacle): Error {
  return failure('ERR_BACKEND', `native: ${why}; ${remedy}`, nativeError);
}

function defaultIsa({ isas }: Addon): Isa {
  return (process.env.RECURRA_ISA as Isa | undefined) || isas[0]!;
}

class NativeBackend implements Backend {
  readonly name = 'native';
  readonly precision = 'float32';
  readonly isa: Isa;
  readonly threads: number;
  private readonly addon: Addon;
  private readonly engine: NativeEngine;
  private closing: Promise<void> | undefined;

  constructor(addon: Addon, threads: number, isa: Isa) {
    this.addon = addon;
    this.engine = new addon.Engine({ threads, isa });
    this.threads = threads;
    this.isa = isa;
  }

  allocate(dtype: DType, elements: number): NativeStorage {
    let array: NumberArray;
    try {
      array = alignedArray(this.addon, dtype, elements);
    } catch (cause) {
      throw failure('ERR_MEMORY', `allocate: ${elements} elements of ${dtype} could not be allocated`, cause);
    }
    return new NativeStorage(this.engine, array);
  }

  load(program: Program, storages: Readonly<Record<string, Storage>>): Executable {
    const handles = program.storages.map(({ name }) => {
      const storage = storages[name];
      if (!(storage instanceof NativeStorage) || storage.engine !== this.engine)
        throw rangeError(
          'ERR_ARGUMENT',
          `load: the storage ${name} ${storage ? 'was not allocated by this backend' : 'is missing'}`,
        );
      return storage.handle;
    });
    const sizes = namedSizes(program);
    return new NativeExecutable(this.engine, program, sizes, this.engine.load({ ...program, sizes }, handles));
  }

  async limits(): Promise<Limits> {
    const { operations, bytes } = await this.addon.limits(
      { threads: this.threads, isa: this.isa },
      Math.floor(process.availableMemory() / 4),
    );
    return { peak: operations / 1e9, bandwidth: bytes / 1e9 };
  }

  close(): Promise<void> {
    this.closing ??= new Promise(resolve => this.engine.close(resolve));
    return this.closing;
  }
}

class NativeStorage implements Storage {
  readonly engine: NativeEngine;
  readonly array: NumberArray;
  readonly handle: StorageHandle;

  constructor(engine: NativeEngine, array: NumberArray) {
    this.engine = engine;
    this.array = array;
    this.handle = engine.storage(array);
  }

  touch(): void {
    this.engine.touch(this.handle);
  }
}

class NativeExecutable implements Executable {
  readonly program: Program;
  private readonly engine: NativeEngine;
  private readonly sizes: readonly string[];
  private readonly handle: ProgramHandle;
  private readonly feedNames: readonly string[];
  private readonly resultNames: readonly string[];
  private planned: Plan | undefined;

  constructor(engine: NativeEngine, program: Program, sizes: readonly string[], handle: ProgramHandle) {
    this.engine = engine;
    this.program = program;
    this.sizes = sizes;
    this.handle = handle;
    this.feedNames = namesOf(program, 'feed');
    this.resultNames = namesOf(program, 'result');
  }

  run(feeds: Feeds, { signal }: RunOptions = {}): Promise<Results> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const { sizes, values } = this.prepare(feeds);
      const cancel = signal ? new Int32Array(new SharedArrayBuffer(4)) : never;
      const abort = () => Atomics.store(cancel, 0, 1);
      signal?.addEventListener('abort', abort, { once: true });
      try {
        this.engine.run(this.handle, sizes, values, cancel, (error, results) => {
          signal?.removeEventListener('abort', abort);
          if (!error) resolve(this.named(results!));
          else if (error.code === 'ERR_CANCELLED' && signal?.aborted) reject(signal.reason);
          else reject(this.explain(error));
        });
      } catch (error) {
        signal?.removeEventListener('abort', abort);
        throw error;
      }
    });
  }

  runSync(feeds: Feeds): Results {
    const { sizes, values } = this.prepare(feeds);
    try {
      return this.named(this.engine.runSync(this.handle, sizes, values));
    } catch (error) {
      throw isNativeError(error) ? this.explain(error) : error;
    }
  }

  bind(feeds: Feeds, results: Results): BoundRun {
    const { sizes, values } = this.prepare(feeds);
    checkBound(this.program, feeds, results, 'float32');
    const run = this.engine.bind(
      this.handle,
      sizes,
      values,
      this.resultNames.map(name => results[name]!),
    );
    return {
      run: () => {
        try {
          run();
        } catch (error) {
          throw isNativeError(error) ? this.explain(error) : error;
        }
      },
    };
  }

  times(): Float64Array {
    return this.engine.times(this.handle);
  }

  /** Checks the feeds, makes room for them, and puts them in the order of the program. */
  private prepare(feeds: Feeds): { sizes: number[]; values: NumberArray[] } {
    checkFeeds(this.program, feeds, 'float32');
    this.makeRoom(feeds.sizes);
    return {
      sizes: this.sizes.map(name => extentOf(name, feeds.sizes)),
      values: this.feedNames.map(name => feeds.values[name]!),
    };
  }

  private makeRoom(sizes: Sizes): void {
    const capacity = this.planned?.capacity;
    if (fits(this.planned, sizes)) return;
    this.planned = plan(this.program, capacityFor(this.program.sizes, sizes, capacity), 4);
    this.engine.plan(this.handle, this.planned.offsets, this.planned.bytes);
  }

  private named(results: readonly NumberArray[]): Results {
    return Object.fromEntries(this.resultNames.map((name, index) => [name, results[index]!]));
  }

  private explain({ code, message, buffer }: NativeError): Error {
    if (code === 'ERR_NON_FINITE' && buffer !== undefined)
      return failure(
        code,
        `run: ${this.program.buffers[buffer]!.name} is not finite at the commit point; nothing was written`,
      );
    return engineError(code as ErrorCode, message);
  }
}

/** What a run without a signal is given to watch. */
const never = new Int32Array(sharedMemory(4));

function isNativeError(error: unknown): error is Error & NativeError {
  return error instanceof Error && 'code' in error;
}

/** A zeroed array over shared memory that begins at a multiple of 64 bytes. */
function alignedArray({ misalignment }: Addon, dtype: DType, elements: number): NumberArray {
  const alignment = 64;
  const memory = new SharedArrayBuffer(elements * 4 + alignment);
  const shift = (alignment - misalignment(new Int32Array(memory, 0, 1))) % alignment;
  return dtype === 'real' ? new Float32Array(memory, shift, elements) : new Int32Array(memory, shift, elements);
}
