// Ends 100 worker threads, each in the middle of something.
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

const file = new URL('./worker.mjs', import.meta.url);
const jobs = ['run', 'runSync', 'bound', 'deliver', 'limits'];
const atOnce = 4;

for (let i = 0; i < 100; i += atOnce)
  await Promise.all(
    Array.from({ length: atOnce }, async (_, j) => {
      const worker = new Worker(file, { workerData: { job: jobs[(i + j) % jobs.length] } });
      await once(worker, 'message');
      await setTimeout((i + j) % 7);
      await worker.terminate();
    }),
  );
process.stdout.write('ended 100\n');
