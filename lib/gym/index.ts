import { adding } from './adding.ts';
import { agreement } from './agreement.ts';
import { copy } from './copy.ts';
import { dyck } from './dyck.ts';
import { parity } from './parity.ts';
import type { Task } from './task.ts';

/** The tasks by name. A new one is its file and its line here. */
export const tasks = { adding, copy, parity, dyck, agreement } as const satisfies Readonly<Record<string, Task>>;

export type TaskName = keyof typeof tasks;

export const taskNames = Object.keys(tasks) as TaskName[];
