import { failure } from '../../errors.ts';
import { Cancelled } from '../hosted/runnable.ts';
import { Instance } from './instance.ts';
import type { WasmModule } from './webassembly.ts';

/** Runs the module on one thread. Programs that it has loaded die with an instance that trapped; the next one loads them again. */
export class Engine {
  readonly #module: WasmModule;
  #instance: Instance | undefined;

  constructor(module: WasmModule) {
    this.#module = module;
  }

  /**
   * Does something with the instance.
   * @throws ERR_BACKEND where it trapped, and whatever `body` throws that has a code
   */
  with<Result>(body: (instance: Instance) => Result): Result {
    const instance = this.#current();
    try {
      return body(instance);
    } catch (error) {
      if (error instanceof Cancelled || (error as { code?: unknown }).code !== undefined) throw error;
      instance.broken = true;
      this.#instance = undefined;
      throw failure('ERR_BACKEND', `wasm: the engine stopped (${error}); the next run starts another`, error);
    }
  }

  #current(): Instance {
    try {
      this.#instance ??= new Instance(this.#module);
      return this.#instance;
    } catch (cause) {
      throw failure('ERR_MEMORY', 'wasm: there is no memory for an instance of the module', cause);
    }
  }
}
