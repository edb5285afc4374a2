// node esm.mjs [ISA]: what computed; fails where it is not that instruction set.
import * as recurra from 'recurra';
import { trial } from './trial.mjs';

const [, , isa] = process.argv;
if (isa) process.env.RECURRA_ISA = isa;
const computed = await trial(recurra);
console.log(computed);
if (isa && computed !== `native ${isa}`) process.exitCode = 1;
