import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Addon } from './native.ts';

const packageRoot = fileURLToPath(new URL('../..', import.meta.url));

/** The addon, built here or prebuilt for this platform, or the error that says why there is none. */
function load(): { addon: Addon } | { error: Error } {
  try {
    const find = createRequire(import.meta.url)('node-gyp-build') as (folder: string) => Addon;
    return { addon: find(packageRoot) };
  } catch (error) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }
}

const loaded = load();

/** Undefined where no addon loads; `nativeError` says why. */
export const addon: Addon | undefined = 'addon' in loaded ? loaded.addon : undefined;
export const nativeError: Error | undefined = 'error' in loaded ? loaded.error : undefined;
