import { failure, rangeError } from '../errors.ts';
import type { Program } from '../program/program.ts';
import type { Backend, BoundRun, Executable, Feeds, NumberArray, Results, RunOptions, Storage } from './backend.ts';
import { arrayOf, checkBound, checkFeeds } from './feeds.ts';
import { Interpreter } from './js/interpreter.ts';
import { Memory } from './js/memory.ts';
import { LoadedProgram, Runner } from './js/runner.ts';

export interface JsOptions {
  /** What `real` means. Default 'float32'; 'float64' is what kernels and gradients are measured against. */
  readonly precision?: Backend['precision'];
}

/** The backend in plain TypeScript, always there: `run` works in a Worker over shared memory, `runSync` on the calling thread. */
export function js({ precision = 'float32' }: JsOptions = {}): Backend {
  if (precision !== 'float32' && precision !== 'float64')
    throw rangeError('ERR_ARGUMENT', `js: precision must be 'float32' or 'float64', got ${String(precision)}`);
  return new JsBackend(precision);
}

class JsBackend implements Backend {
  readonly name = 'js';
  readonly isa = 'js';
  readonly threads = 1;
  readonly precision: Backend['precision'];
  readonly #runner: Runner;
  readonly #memory = new Memory();

  constructor(precision: Backend['precision']) {
    this.precision = precision;
    this.#runner = new Runner(precision);
  }

  allocate(dtype: Parameters<Backend['allocate']>[0], elements: number): Storage {
    const type = arrayOf(dtype, this.precision);
    try {
      return { array: new type(new SharedArrayBuffer(elements * type.BYTES_PER_ELEMENT)), touch() {} };
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
    const loaded = new LoadedProgram(program, arrays);
    const interpreter = new Interpreter(loaded, this.precision, this.#memory);
    return new JsExecutable(program, loaded, interpreter, this.#runner, this.precision);
  }

  close(): Promise<void> {
    return this.#runner.close();
  }
}

class JsExecutable implements Executable {
  readonly program: Program;
  readonly #loaded: LoadedProgram;
  readonly #interpreter: Interpreter;
  readonly #runner: Runner;
  readonly #precision: Backend['precision'];
  /** Of the loaded program, when they were asked for; undefined before. */
  #seconds: Float64Array | undefined;

  constructor(
    program: Program,
    loaded: LoadedProgram,
    interpreter: Interpreter,
    runner: Runner,
    precision: Backend['precision'],
  ) {
    this.program = program;
    this.#loaded = loaded;
    this.#interpreter = interpreter;
    this.#runner = runner;
    this.#precision = precision;
    runner.watch(this, loaded);
  }

  async run(feeds: Feeds, { signal }: RunOptions = {}): Promise<Results> {
    checkFeeds(this.program, feeds, this.#precision);
    return this.#runner.run(this.#loaded, feeds, signal);
  }

  runSync(feeds: Feeds): Results {
    this.#runner.checkOpen('runSync');
    this.#runner.checkFree(this.#loaded);
    checkFeeds(this.program, feeds, this.#precision);
    return this.#interpreter.run(feeds);
  }

  bind(feeds: Feeds, results: Results): BoundRun {
    this.#runner.checkOpen('bind');
    checkFeeds(this.program, feeds, this.#precision);
    checkBound(this.program, feeds, results, this.#precision);
    return {
      run: () => {
        this.#runner.checkOpen('run');
        this.#runner.checkFree(this.#loaded);
        for (const [name, values] of Object.entries(this.#interpreter.run(feeds))) results[name]!.set(values);
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
