import { parseArgs } from 'node:util';
import { here } from './here.ts';
import { linuxArm64 } from './linux-arm64.ts';
import { linuxX64Musl } from './linux-x64-musl.ts';
import { haswell, nehalem } from './linux-x64-older.ts';
import { bits, choice, conformance, runMatrix } from './matrix.ts';
import { win32X64 } from './win32-x64.ts';

// `npm run test:platforms [-- PLATFORM... --full]`: whether the native backend computes the same bits on every platform that can be
// run here, those whose names are given or all; with --full also whether it does all that a backend must. Fails where a
// platform that was asked for by name could not be run.

const known = [
  here,
  ...[haswell, nehalem, linuxX64Musl, linuxArm64, win32X64].filter(({ name }) => name !== here.name),
];
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { full: { type: 'boolean', default: false } },
});
const unknown = positionals.find(name => !known.some(platform => platform.name === name));
if (unknown !== undefined)
  throw new Error(`there is no platform ${unknown}; there are ${known.map(({ name }) => name).join(', ')}`);
const asked = positionals.length > 0 ? known.filter(({ name }) => positionals.includes(name)) : known;
const suites = values.full ? [choice, bits, conformance] : [choice, bits];
const outcomes = runMatrix(asked, suites, line => console.log(line));
const failed = outcomes.filter(
  outcome => outcome === 'failed' || (outcome === 'not run here' && positionals.length > 0),
);
process.exitCode = failed.length > 0 ? 1 : 0;
