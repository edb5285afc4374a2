// Prints how often threads of the process went to sleep while a product was computed 200 times, with a pause after each that is
// long enough for workers to fall asleep, and in which this thread does not.
import { start } from '../addon/worker.mjs';

const times = 200;
const pauseMs = 2;

const [threads, size] = process.argv.slice(2).map(Number);
const run = start({ threads, count: 1, size }).bind();
const pause = () => {
  const end = performance.now() + pauseMs;
  while (performance.now() < end);
};
for (let time = 0; time < 20; time++) {
  run();
  pause();
}
const before = process.resourceUsage().voluntaryContextSwitches;
for (let time = 0; time < times; time++) {
  run();
  pause();
}
process.stdout.write(`${process.resourceUsage().voluntaryContextSwitches - before}`);
