import { failure } from '../errors.ts';
import type { Backend } from './backend.ts';
import { js } from './js-backend.ts';
import { addon } from './load.ts';
import { native } from './native-backend.ts';

export { js, native };

/** The backends by name, best first. */
export const backends = { native, js } as const;

let chosen: Backend | undefined;

/**
 * The backend of models that name none, made once: native where the addon loads, else js with a line on stderr. The
 * environment variable RECURRA_BACKEND forces one. @throws ERR_BACKEND where that one is not available
 */
export function defaultBackend(): Backend {
  chosen ??= choose(process.env.RECURRA_BACKEND);
  return chosen;
}

function choose(forced: string | undefined): Backend {
  if (forced) {
    if (forced !== 'native' && forced !== 'js')
      throw failure('ERR_BACKEND', `RECURRA_BACKEND must be native or js, got ${forced}`);
    return backends[forced]();
  }
  if (addon) return native();
  process.stderr.write(
    `no native build for ${process.platform}-${process.arch}, using the slower JavaScript backend; ` +
      'to build one: install CMake and a C++ compiler, then `npm run build:native`\n',
  );
  return js();
}
