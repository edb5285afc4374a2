// Runs once and closes nothing: an engine with nothing to do keeps no process alive.
import { start } from './worker.mjs';

start({ count: 10 }).run(() => process.stdout.write('done\n'));
