import { deepStrictEqual, throws } from 'node:assert';
import { addon, nativeError } from '../../lib/backend/load.ts';

// choice.ts ISA...: fails unless these are the instruction sets that the addon finds on the processor it is on, best first, and
// an exception of C++ arrives as one of JavaScript.

if (!addon) throw nativeError;
const { isas, Engine } = addon;
deepStrictEqual(isas, process.argv.slice(2));
throws(() => new Engine({ threads: 1, isa: 'none' as never }), /none/);
