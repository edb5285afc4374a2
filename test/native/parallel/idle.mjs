// Prints the processor time, in milliseconds, that the process takes in 200 ms after a run on several threads, and how many
// threads besides this one have something to do at the end of them: the least of three times each, as Node may have.
import { setTimeout } from 'node:timers/promises';
import { start } from '../addon/worker.mjs';
import { tasks } from './tasks.mjs';

const { run } = start({ threads: Number(process.argv[2]), count: 20 });
const taken = [];
const runnable = [];
for (let time = 0; time < 3; time++) {
  await new Promise(resolve => run(resolve));
  await setTimeout(1);
  const before = process.cpuUsage();
  await setTimeout(200);
  const { user, system } = process.cpuUsage(before);
  taken.push((user + system) / 1000);
  runnable.push([...tasks()].filter(([thread, { runnable }]) => runnable && thread !== process.pid).length);
}
process.stdout.write(JSON.stringify({ ms: Math.min(...taken), runnable: Math.min(...runnable) }));
