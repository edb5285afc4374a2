import { failure } from '../errors.ts';
import { node } from '../node.ts';
import type { Backend } from './backend.ts';
import { js } from './js-backend.ts';
import { native, obstacleToNative } from './native-backend.ts';
import { loadWasm } from './wasm/load.ts';
import { wasm } from './wasm-backend.ts';

export { js, native, wasm };

/** The backends by name, best first. */
export const backends = { native, wasm, js } as const;
export const backendNames = Object.keys(backends) as readonly Backend['name'][];

/** A backend, and why it is this one. */
export interface BackendChoice {
  readonly backend: Backend;
  /** In words: who asked for it, or what stands in the way of a better one and what to do about it. */
  readonly reason: string;
}

/**
 * Makes the backend of this name, else the one that the environment variable RECURRA_BACKEND names, else the best there is:
 * native where an addon loads and passes its self-test, wasm where the WebAssembly module is there and runs, js otherwise.
 * @param options.threads of the native backend; default: the physical cores that the process may use
 * @throws ERR_BACKEND where the one asked for is not available
 */
export function chooseBackend(
  name?: Backend['name'],
  { threads }: { readonly threads?: number | undefined } = {},
): BackendChoice {
  const make = { ...backends, native: () => native(threads === undefined ? {} : { threads }) };
  if (name !== undefined) return { backend: make[name](), reason: 'asked for' };
  const forced = node?.env.RECURRA_BACKEND;
  if (forced) {
    if (!isBackendName(forced))
      throw failure('ERR_BACKEND', `RECURRA_BACKEND must be native, wasm or js, got ${forced}`);
    return { backend: make[forced](), reason: `RECURRA_BACKEND asks for ${forced}` };
  }
  const obstacle = obstacleToNative();
  if (!obstacle) return { backend: make.native(), reason: 'a native build is there and passed its self-test' };
  const [best, what] = 'module' in loadWasm() ? [make.wasm, 'WebAssembly'] : [make.js, 'JavaScript'];
  return { backend: best(), reason: `${obstacle.why}, using the slower ${what} backend; ${obstacle.remedy}` };
}

function isBackendName(name: string): name is Backend['name'] {
  return Object.hasOwn(backends, name);
}

let chosen: Backend | undefined;

/** The backend of models that name none, made once as `chooseBackend` says; a line on stderr where it is not native. */
export function defaultBackend(): Backend {
  if (!chosen) {
    const { backend, reason } = chooseBackend();
    if (node && backend.name !== 'native' && !node.env.RECURRA_BACKEND) node.stderr.write(`${reason}\n`);
    chosen = backend;
  }
  return chosen;
}
