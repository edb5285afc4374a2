// What computed.
import * as recurra from 'recurra';
import { trial } from './trial.mjs';

console.log(await trial(recurra));
