import { failure, rangeError } from '../../errors.ts';
import type { Program } from '../../program/program.ts';
import type { DType } from '../../program/shape.ts';
import type { Backend, BoundRun, Executable, Feeds, NumberArray, Results, RunOptions, Storage } from '../backend.ts';
import { arrayOf, checkBound, checkFeeds } from '../feeds.ts';
import { LoadedProgram } from './loaded-program.ts';
import type { Loaded, Runnable } from './runnable.ts';
import type { Runner } from './runner.ts';

/** What computes on a thread of JavaScript's. */
export interface Host extends Pick<Backend, 'name' | 'isa' | 'precision'> {
  readonly runner: Runner;
  /** Zeroed. Whatever it throws means that there is no memory. */
  allocate(dtype: DType, elements: number): Storage;
  /** A program that is ready to run on the calling thread. @throws ERR_BACKEND where an operation is not known */
  open(loaded: Loaded): Runnable;
}

/** A backend without threads of its own: `run` leaves the work to a runner, `runSync` works on the calling thread. */
export class HostedBackend implements Backend {
  readonly name: Backend['name'];
  readonly isa: string;
  readonly precision: Backend['precision'];
  readonly threads = 1;
  readonly #host: Host;
  #closing: Promise<void> | undefined;

  constructor(host: Host) {
    this.name = host.name;
    this.isa = host.isa;
    this.precision = host.precision;
    this.#host = host;
  }

  allocate(dtype: DType, elements: number): Storage {
    try {
      return this.#host.allocate(dtype, elements);
    } catch (cause) {
      throw failure('ERR_MEMORY', `allocate: ${elements} elements of ${dtype} could not be allocated`, cause);
    }
  }

  load(program: Program, storages: Readonly<Record<string, Storage>>): Executable {
    const arrays: Record<string, NumberArray> = {};
    for (const { name, dtype, elements } of program.storages) {
      const array = storages[name]?.array;
      const type = arrayOf(dtype, this.precision);
      if (!(array instanceof type) || array.length !== elements)
        throw rangeError(
          'ERR_ARGUMENT',
          `load: the storage ${name} must be ${elements} elements of ${dtype}, ${array ? `got ${array.length} in a ${array.constructor.name}` : 'it is missing'}`,
        );
      arrays[name] = array;
    }
    const loaded = new LoadedProgram(program, arrays, each => this.#host.open(each));
    return new HostedExecutable(program, loaded, this, this.#host.runner);
  }

  /** @throws ERR_CLOSED */
  expectOpen(caller: string): void {
    if (this.#closing) throw failure('ERR_CLOSED', `${caller}: the backend was closed`);
  }

  close(): Promise<void> {
    this.#closing ??= this.#host.runner.close();
    return this.#closing;
  }
}

class HostedExecutable implements Executable {
  readonly program: Program;
  readonly #loaded: LoadedProgram;
  readonly #backend: HostedBackend;
  readonly #runner: Runner;
  /** Of the loaded program, when they were asked for; undefined before. */
  #seconds: Float64Array | undefined;

  constructor(program: Program, loaded: LoadedProgram, backend: HostedBackend, runner: Runner) {
    this.program = program;
    this.#loaded = loaded;
    this.#backend = backend;
    this.#runner = runner;
  }

  async run(feeds: Feeds, { signal }: RunOptions = {}): Promise<Results> {
    checkFeeds(this.program, feeds, this.#backend.precision);
    this.#backend.expectOpen('run');
    signal?.throwIfAborted();
    return this.#runner.run(this.#loaded, feeds, signal);
  }

  runSync(feeds: Feeds): Results {
    this.#backend.expectOpen('runSync');
    this.#loaded.expectFree(this.#runner.pending);
    checkFeeds(this.program, feeds, this.#backend.precision);
    return this.#loaded.here.run(feeds);
  }

  bind(feeds: Feeds, results: Results): BoundRun {
    this.#backend.expectOpen('bind');
    checkFeeds(this.program, feeds, this.#backend.precision);
    checkBound(this.program, feeds, results, this.#backend.precision);
    return {
      run: () => {
        this.#backend.expectOpen('run');
        this.#loaded.expectFree(this.#runner.pending);
        for (const [name, values] of Object.entries(this.#loaded.here.run(feeds))) results[name]!.set(values);
      },
    };
  }

  times(): Float64Array {
    const now = this.#loaded.seconds.slice();
    const before = this.#seconds ?? now;
    this.#seconds = now;
    return now.map((seconds, step) => seconds - before[step]!);
  }
}
