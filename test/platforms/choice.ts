import { deepStrictEqual } from 'node:assert';
import { addon, nativeError } from '../../lib/backend/load.ts';

// choice.ts ISA...: fails unless these are the instruction sets that the addon finds on the processor it is on, best first.

if (!addon) throw nativeError;
deepStrictEqual(addon.isas, process.argv.slice(2));
