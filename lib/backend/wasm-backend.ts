import type { Backend } from './backend.ts';
import { HostedBackend } from './hosted/hosted-backend.ts';
import { runnerFor } from './hosted/runner-for.ts';
import { wasmHost } from './wasm/host.ts';
import { loadWasm } from './wasm/load.ts';

/**
 * The kernels of the native backend in WebAssembly, for platforms that it is not built for: float32, vectors of four numbers,
 * one thread. `run` works in a Worker (in a browser in turns of the event loop), `runSync` on the calling thread.
 * @throws ERR_BACKEND where the module is not built or this platform does not run it
 */
export function wasm(): Backend {
  const loaded = loadWasm();
  if ('error' in loaded) throw loaded.error;
  return new HostedBackend({
    ...wasmHost(loaded.module),
    runner: runnerFor('wasm', loaded.module),
  });
}
