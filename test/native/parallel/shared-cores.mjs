// Two engines with more to do than there is time, in this environment or ('workers') in one worker thread each. Prints the
// processor time that the busiest `threads` threads took and that of all, in clock ticks, while both were at work.
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { start } from '../addon/worker.mjs';
import { tasks } from './tasks.mjs';

const count = 10_000; // a second, more or less

function keepBusy(run) {
  for (let i = 0; i < 10; i++) run();
}

if (isMainThread) {
  const [where, threads] = [process.argv[2], Number(process.argv[3])];
  if (where === 'workers') {
    const workers = [1, 2].map(() => new Worker(new URL(import.meta.url), { workerData: { threads } }));
    await Promise.all(workers.map(worker => once(worker, 'message')));
  } else {
    for (const { run } of [1, 2].map(() => start({ threads, count }))) keepBusy(run);
  }
  await setTimeout(50);
  const before = tasks();
  await setTimeout(600);
  const taken = [...tasks()]
    .map(([thread, { ticks }]) => ticks - (before.get(thread)?.ticks ?? 0))
    .sort((a, b) => b - a);
  const sum = values => values.reduce((total, value) => total + value, 0);
  process.stdout.write(`${sum(taken.slice(0, threads))} of ${sum(taken)}`);
  process.exit();
} else {
  keepBusy(start({ threads: workerData.threads, count }).run);
  parentPort.postMessage('running');
}
