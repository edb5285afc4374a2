import { once } from 'node:events';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import * as recurra from 'recurra';
import { trial } from './trial.mjs';

if (isMainThread) {
  const workers = [1, 2].map(() => new Worker(new URL(import.meta.url)));
  const answers = await Promise.all(workers.map(worker => once(worker, 'message')));
  await Promise.all(workers.map(worker => worker.terminate()));
  console.log(answers.flat().join(', '));
} else {
  parentPort.postMessage(await trial(recurra));
}
