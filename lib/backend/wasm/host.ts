import { rangeError } from '../../errors.ts';
import type { Host } from '../hosted/hosted-backend.ts';
import { Engine } from './engine.ts';
import { isStorage, makeStorage } from './storage.ts';
import { WasmProgram } from './wasm-program.ts';
import type { WasmModule } from './webassembly.ts';

/** What computes with the module on the calling thread. */
export function wasmHost(module: WasmModule): Omit<Host, 'runner'> {
  const engine = new Engine(module);
  return {
    name: 'wasm',
    isa: 'wasm',
    precision: 'float32',
    allocate: makeStorage,
    open(loaded) {
      for (const [name, array] of Object.entries(loaded.storages))
        if (!isStorage(array))
          throw rangeError('ERR_ARGUMENT', `load: the storage ${name} was not allocated by a wasm backend`);
      return new WasmProgram(engine, loaded);
    },
  };
}
