import { parseArgs } from 'node:util';
import { addon, nativeError } from '../../lib/backend/load.ts';
import type { Isa } from '../../lib/backend/native.ts';
import { cases } from './cases.ts';
import { differences, hashesOn, readHashes, threadCounts, writeHashes } from './hashes.ts';

// `npm run bits [-- --isa ISA | --write]`: whether the native backend computes the very bits of hashes.json, on every instruction
// set of this machine or on one. With --write it makes that file: for a change that is meant to change bits.

const { values } = parseArgs({ options: { isa: { type: 'string' }, write: { type: 'boolean', default: false } } });
if (!addon) throw nativeError;
const isas = values.isa === undefined ? addon.isas : [values.isa as Isa];
const all = cases();
const expected = values.write ? await hashesOn(isas[0]!, 1, all) : readHashes();
let failed = false;
for (const isa of isas) {
  const lines = await differences(isa, all, expected);
  for (const line of lines) console.log(line);
  failed ||= lines.length > 0;
  console.log(`${isa}: ${all.length} cases on ${threadCounts.join(', ')} threads, ${lines.length} with other bits`);
}
if (values.write && failed) console.log('hashes.json was not written: instruction sets or threads differ');
else if (values.write) writeHashes(expected);
process.exitCode = failed ? 1 : 0;
