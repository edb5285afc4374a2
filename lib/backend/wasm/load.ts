import { failure } from '../../errors.ts';
import { node, nodeModule } from '../../node.ts';
import { inPackage } from '../../package-root.ts';
import { type WasmModule, webAssembly } from './webassembly.ts';

type Loaded = { readonly module: WasmModule } | { readonly error: Error };

let loaded: Loaded | undefined;

/** The module, or the error that says why there is none; compiled when it is first asked for. */
export function loadWasm(): Loaded {
  loaded ??= node ? readModule(node) : { error: failure('ERR_BACKEND', 'wasm: call `await compileWasm()` first') };
  return loaded;
}

/**
 * Fetches and compiles the module, where it cannot be read from a file: in a browser, before `wasm()` is called or a model is made.
 * @param url of recurra.wasm; default: where the package has it, seen from its browser.js
 * @throws ERR_BACKEND where it cannot be had or is none that the browser runs
 */
export async function compileWasm(url: string | URL = new URL('./wasm/recurra.wasm', import.meta.url)): Promise<void> {
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`HTTP status ${response.status}`);
    loaded = { module: await webAssembly!.compile(new Uint8Array(await response.arrayBuffer())) };
  } catch (cause) {
    throw failure('ERR_BACKEND', `compileWasm: ${url} cannot be used: ${(cause as Error).message}`, cause);
  }
}

function readModule({ versions, arch }: NodeJS.Process): Loaded {
  let bytes: Uint8Array;
  try {
    bytes = nodeModule('node:fs').readFileSync(inPackage('dist/wasm/recurra.wasm'));
  } catch (cause) {
    const what = 'the WebAssembly module is not built; to build it: install clang-19, then run `npm run build:wasm`';
    return { error: failure('ERR_BACKEND', `wasm: ${what}`, cause) };
  }
  try {
    return { module: new webAssembly!.Module(bytes) };
  } catch (cause) {
    const what = `Node ${versions.node} on ${arch} does not run the WebAssembly module: ${(cause as Error).message}`;
    return { error: failure('ERR_BACKEND', `wasm: ${what}`, cause) };
  }
}
