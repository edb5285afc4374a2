import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { inPackage } from '../package-root.ts';
import type { Addon } from './native.ts';

/** The addon and where it lies, built here or prebuilt for this platform, or the error that says why there is none. */
function load(): { addon: Addon; file: string } | { error: Error } {
  try {
    const require = createRequire(import.meta.url);
    const file = (require('node-gyp-build') as { path(folder: string): string }).path(fileURLToPath(inPackage()));
    const addon: Partial<Addon> = require(file);
    const missing = (['isas', 'cores', 'misalignment', 'limits', 'Engine'] as const).filter(name => !(name in addon));
    if (missing.length > 0) throw new Error(`${file} has no ${missing.join(', no ')}: it is of another version`);
    return { addon: addon as Addon, file };
  } catch (error) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }
}

const loaded = load();

/** Undefined where no addon loads; `nativeError` says why. */
export const addon: Addon | undefined = 'addon' in loaded ? loaded.addon : undefined;
export const addonFile: string | undefined = 'file' in loaded ? loaded.file : undefined;
export const nativeError: Error | undefined = 'error' in loaded ? loaded.error : undefined;
