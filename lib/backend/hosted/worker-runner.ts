import type { Worker } from 'node:worker_threads';
import { failure } from '../../errors.ts';
import { nodeModule } from '../../node.ts';
import { inPackage } from '../../package-root.ts';
import type { Backend, Feeds, Results } from '../backend.ts';
import type { LoadedProgram } from './loaded-program.ts';
import type { Request, Response, WorkerData } from './protocol.ts';
import type { Runner } from './runner.ts';

interface Pending {
  readonly program: LoadedProgram;
  readonly signal: AbortSignal | undefined;
  resolve(results: Results): void;
  reject(reason: unknown): void;
}

/** Runs programs in a Worker of its own. The Worker starts with the first run, and anew after it died. */
export class WorkerRunner implements Runner {
  readonly #backend: Backend['name'];
  readonly #given: unknown;
  readonly #pending = new Map<number, Pending>();
  readonly #loaded = new Set<number>();
  readonly #dropped = new FinalizationRegistry<number>(id => {
    if (this.#loaded.delete(id)) this.#post({ kind: 'unload', program: id });
  });
  #worker: Worker | undefined;
  #runs = 0;
  #idle: (() => void) | undefined;

  /**
   * @param backend whose it is, and the name of the folder with the module of the Worker, which calls `serve`
   * @param given what it is started with, in a form that can be cloned
   */
  constructor(backend: Backend['name'], given: unknown) {
    this.#backend = backend;
    this.#given = given;
  }

  get pending(): LoadedProgram[] {
    return Array.from(this.#pending.values(), ({ program }) => program);
  }

  run(program: LoadedProgram, { sizes, values }: Feeds, signal: AbortSignal | undefined): Promise<Results> {
    const copies = Object.fromEntries(Object.entries(values).map(([name, array]) => [name, array.slice()]));
    const cancel = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    if (!this.#loaded.has(program.id)) {
      const { id, data, storages, seconds } = program;
      this.#post({ kind: 'load', program: id, data: { ...data }, storages, seconds });
      this.#loaded.add(id);
      this.#dropped.register(program, id);
    }
    const run = this.#runs++;
    const feeds = { sizes, values: copies };
    const transfer = Object.values(copies).map(array => array.buffer as ArrayBuffer);
    this.#post({ kind: 'run', run, program: program.id, feeds, cancel }, transfer);
    this.#worker!.ref();
    const abort = () => Atomics.store(cancel, 0, 1);
    signal?.addEventListener('abort', abort, { once: true });
    const results = new Promise<Results>((resolve, reject) => {
      this.#pending.set(run, { program, signal, resolve, reject });
    });
    return results.finally(() => signal?.removeEventListener('abort', abort));
  }

  async close(): Promise<void> {
    if (this.#pending.size > 0) await new Promise<void>(resolve => (this.#idle = resolve));
    await this.#worker?.terminate();
  }

  #post(request: Request, transfer: ArrayBuffer[] = []): void {
    this.#worker ??= this.#start();
    this.#worker.postMessage(request, transfer);
  }

  #start(): Worker {
    const packed = new URL(import.meta.url).pathname.endsWith('.js');
    const entry = inPackage(packed ? `dist/${this.#backend}-worker.js` : `lib/backend/${this.#backend}/worker.ts`);
    const workerData: WorkerData<unknown> = { entry: entry.href, given: this.#given };
    const starter = packed ? entry : inPackage('lib/backend/hosted/worker-from-sources.mjs');
    const worker = new (nodeModule('node:worker_threads').Worker)(starter, { workerData });
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
    const error = deathOf(this.#backend, cause);
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

function deathOf(backend: Backend['name'], cause: Error | undefined): Error {
  const memory = cause !== undefined && 'code' in cause && cause.code === 'ERR_WORKER_OUT_OF_MEMORY';
  const why = memory ? 'ran out of memory' : `died${cause ? ` (${cause.message})` : ''}`;
  const message = `run: the Worker of the ${backend} backend ${why}; the next run starts another`;
  return failure(memory ? 'ERR_MEMORY' : 'ERR_BACKEND', message, cause);
}
