// node cell.mjs ISA|wasm: trains with that, and then asks `recurra info`, whose backend is chosen and tested anew; fails where something
// else computed.
import * as recurra from 'recurra';
import { trial } from './trial.mjs';

const computes = process.argv.pop();
process.env[computes === 'wasm' ? 'RECURRA_BACKEND' : 'RECURRA_ISA'] = computes;
const computed = await trial(recurra);
if (computed !== (computes === 'wasm' ? 'wasm' : `native ${computes}`)) throw new Error(`${computed} computed`);
process.argv.push('info');
await import('./node_modules/recurra/dist/cli.js');
