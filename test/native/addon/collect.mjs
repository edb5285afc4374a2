// Queues runs and forgets the engine; needs --expose-gc.
import { setImmediate } from 'node:timers/promises';
import { start } from './worker.mjs';

let done = 0;
const expected = 60;
for (let i = 0; i < expected / 3; i++) {
  const { run } = start({ count: 3 });
  for (let j = 0; j < 3; j++) run(() => done++);
  globalThis.gc();
  await setImmediate();
}
while (done < expected) {
  globalThis.gc();
  await setImmediate();
}
for (let i = 0; i < 3; i++) {
  globalThis.gc();
  await setImmediate();
}
process.stdout.write(`done ${done}\n`);
