import { readFileSync } from 'node:fs';
import { failure } from '../../errors.ts';
import { inPackage } from '../../package-root.ts';
import { type WasmModule, webAssembly } from './webassembly.ts';

/** Where `npm run build:wasm` puts the module, and the package has it. */
export const wasmFile = inPackage('dist/wasm/recurra.wasm');

let loaded: { readonly module: WasmModule } | { readonly error: Error } | undefined;

/** The module, or the error that says why there is none; compiled when it is first asked for. */
export function loadWasm(): { readonly module: WasmModule } | { readonly error: Error } {
  loaded ??= load();
  return loaded;
}

function load(): { readonly module: WasmModule } | { readonly error: Error } {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(wasmFile);
  } catch (cause) {
    return {
      error: failure(
        'ERR_BACKEND',
        'wasm: the WebAssembly module is not built; to build it: install clang-19, then run `npm run build:wasm`',
        cause,
      ),
    };
  }
  try {
    return { module: new webAssembly!.Module(bytes) };
  } catch (cause) {
    const why = `wasm: Node ${process.versions.node} on ${process.arch} does not run the WebAssembly module`;
    return { error: failure('ERR_BACKEND', `${why}: ${(cause as Error).message}`, cause) };
  }
}
