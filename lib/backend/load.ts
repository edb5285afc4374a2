import { nodeModule } from '../node.ts';
import { inPackage } from '../package-root.ts';
import type { Addon } from './native.ts';

/** The addon and where it lies, built here or prebuilt for this platform, or the error that says why there is none. */
function load(): { addon: Addon; file: string } | { error: Error } {
  try {
    const requireHere = nodeModule('node:module').createRequire(import.meta.url);
    const folder = nodeModule('node:url').fileURLToPath(inPackage());
    const file = (requireHere('node-gyp-build') as { path(folder: string): string }).path(folder);
    const addon: Partial<Addon> = requireHere(file);
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
