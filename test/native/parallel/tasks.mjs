// What Linux knows of the threads of this process.
import { readdirSync, readFileSync } from 'node:fs';

/** By thread: whether it runs or would if it could, and the clock ticks of processor time that it has taken. */
export function tasks() {
  return new Map(
    readdirSync('/proc/self/task').map(thread => {
      const fields = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8').split(') ')[1].split(' ');
      return [Number(thread), { runnable: fields[0] === 'R', ticks: Number(fields[11]) + Number(fields[12]) }];
    }),
  );
}
