// Ends the process in the middle of a run, with runs waiting.
import { start } from './worker.mjs';

const { run } = start({ count: 10_000 });
for (let i = 0; i < 3; i++) run();
setTimeout(() => process.exit(7), 20);
