import { fileURLToPath } from 'node:url';

/** The folder of package.json. This file, and what scripts/compile.mjs puts it into, lies one level below. */
export const packageRoot = fileURLToPath(new URL('..', import.meta.url));
