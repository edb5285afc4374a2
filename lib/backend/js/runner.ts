import { Worker } from 'node:worker_threads';
import { failure } from '../../errors.ts';
import type { ProgramData } from '../../program/program.ts';
import type { Backend, Feeds, NumberArray, Results } from '../backend.ts';
import type { Request, Response, WorkerData } from './protocol.ts';

const built = new URL(import.meta.url).pathname.endsWith('.js');
const entry = new URL(built ? './worker.js' : './worker-from-sources.mjs', import.meta.url);

/** A program with its storages, and which of them its steps read and write. */
export class LoadedProgram {
  static #count = 0;
  readonly id = LoadedProgram.#count++;
  readonly data: ProgramData;
  readonly storages: Readonly<Record<string, NumberArray>>;
  /** What each step has taken so far, over all runs on any thread; shared. */
  readonly seconds: Float64Array;
  readonly reads = new Set<NumberArray>();
  readonly writes = new Set<NumberArray>();

  constructor(data: ProgramData, storages: Readonly<Record<string, NumberArray>>) {
    this.data = data;
    this.storages = storages;
    this.seconds = new Float64Array(new SharedArrayBuffer(data.steps.length * Float64Array.BYTES_PER_ELEMENT));
    const note = (ids: Readonly<Record<string, number>>, set: Set<NumberArray>) => {
      for (const id of Object.values(ids)) {
        const storage = data.buffers[id]!.storage;
        if (storage) set.add(storages[storage.name]!);
      }
    };
    for (const { inputs, outputs } of data.steps) {
      note(inputs, this.reads);
      note(outputs, this.writes);
    }
  }

  nameOf(storage: NumberArray): string {
    return Object.keys(this.storages).find(name => this.storages[name] === storage)!;
  }
}

interface Pending {
  readonly program: LoadedProgram;
  readonly signal: AbortSignal | undefined;
  resolve(results: Results): void;
  reject(reason: unknown): void;
}

/** Runs programs in a Worker of its own, one after another. The Worker starts with the first run, and anew after it died. */
export class Runner {
  readonly #precision: Backend['precision'];
  readonly #pending = new Map<number, Pending>();
  readonly #loaded = new Set<number>();
  readonly #dropped = new FinalizationRegistry<number>(id => {
    if (this.#loaded.delete(id)) this.#post({ kind: 'unload', program: id });
  });
  #worker: Worker | undefined;
  #runs = 0;
  #closing: Promise<void> | undefined;
  #idle: (() => void) | undefined;

  constructor(precision: Backend['precision']) {
    this.#precision = precision;
  }

  /** Forgets a program once its owner is gone. */
  watch(owner: object, { id }: LoadedProgram): void {
    this.#dropped.register(owner, id);
  }

  /** Copies the feeds and queues the run. */
  run(program: LoadedProgram, { sizes, values }: Feeds, signal: AbortSignal | undefined): Promise<Results> {
    this.checkOpen('run');
    signal?.throwIfAborted();
    const copies = Object.fromEntries(Object.entries(values).map(([name, array]) => [name, array.slice()]));
    const cancel = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const abort = () => Atomics.store(cancel, 0, 1);
    signal?.addEventListener('abort', abort, { once: true });

    if (!this.#loaded.has(program.id)) {
      this.#loaded.add(program.id);
      const { id, data, storages, seconds } = program;
      this.#post({ kind: 'load', program: id, data: { ...data }, storages, seconds });
    }
    const run = this.#runs++;
    const feeds = { sizes, values: copies };
    const transfer = Object.values(copies).map(array => array.buffer as ArrayBuffer);
    this.#post({ kind: 'run', run, program: program.id, feeds, cancel }, transfer);
    this.#worker!.ref();
    const results = new Promise<Results>((resolve, reject) => {
      this.#pending.set(run, { program, signal, resolve, reject });
    });
    return results.finally(() => signal?.removeEventListener('abort', abort));
  }

  /** @throws ERR_CLOSED */
  checkOpen(caller: string): void {
    if (this.#closing) throw failure('ERR_CLOSED', `${caller}: the backend was closed`);
  }

  /** @throws ERR_BUSY where a pending run writes what the program touches, or reads what it writes */
  checkFree(program: LoadedProgram): void {
    for (const { program: other } of this.#pending.values()) {
      for (const storage of other.writes)
        if (program.reads.has(storage) || program.writes.has(storage)) throw busy(program.nameOf(storage), 'written');
      for (const storage of program.writes) if (other.reads.has(storage)) throw busy(program.nameOf(storage), 'read');
    }
  }

  /** Ends the Worker after the pending runs. */
  close(): Promise<void> {
    this.#closing ??= this.#finish();
    return this.#closing;
  }

  async #finish(): Promise<void> {
    if (this.#pending.size > 0) await new Promise<void>(resolve => (this.#idle = resolve));
    await this.#worker?.terminate();
  }

  #post(request: Request, transfer: ArrayBuffer[] = []): void {
    this.#worker ??= this.#start();
    this.#worker.postMessage(request, transfer);
  }

  #start(): Worker {
    const workerData: WorkerData = { precision: this.#precision };
    const worker = new Worker(entry, { workerData });
    worker.on('message', (response: Response) => {
      if (this.#worker === worker) this.#settle(response);
    });
    worker.once('error', cause => this.#died(worker, cause));
    worker.once('exit', () => this.#died(worker));
    worker.unref();
    return worker;
  }

  #settle(response: Response): void {
    const pending = this.#pending.get(response.run)!;
    this.#pending.delete(response.run);
    if ('results' in response) pending.resolve(response.results);
    else if ('cancelled' in response) pending.reject(pending.signal!.reason);
    else
      pending.reject(response.code ? Object.assign(response.error as Error, { code: response.code }) : response.error);
    this.#rest();
  }

  #died(worker: Worker, cause?: Error): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#loaded.clear();
    const error = deathOf(cause);
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
    this.#rest();
  }

  /** An idle Worker does not keep the process alive. */
  #rest(): void {
    if (this.#pending.size > 0) return;
    this.#worker?.unref();
    this.#idle?.(); // somebody closes
  }
}

function deathOf(cause: Error | undefined): Error {
  const memory = cause !== undefined && 'code' in cause && cause.code === 'ERR_WORKER_OUT_OF_MEMORY';
  const why = memory ? 'ran out of memory' : `died${cause ? ` (${cause.message})` : ''}`;
  const message = `run: the Worker of the js backend ${why}; the next run starts another`;
  return failure(memory ? 'ERR_MEMORY' : 'ERR_BACKEND', message, cause);
}

function busy(storage: string, how: 'written' | 'read'): Error {
  return failure(
    'ERR_BUSY',
    `runSync: ${storage} is being ${how} by a run that is still going; await it, or use a snapshot`,
  );
}
