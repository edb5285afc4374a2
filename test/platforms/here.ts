import { addon } from '../../lib/backend/load.ts';
import { Missing, type Platform } from './platform.ts';

/** This machine itself, with the Node and the addon at hand. */
export const here: Platform = {
  name: `${process.platform}-${process.arch}`,
  isas: addon?.isas ?? ['scalar'],
  prepare() {
    if (!addon) throw new Missing('there is no native build: npm run build:native');
    // The loader flags of this process, so TypeScript runs there as it does here.
    return { command: process.execPath, args: process.execArgv, environment: {} };
  },
};
