import { createInterface } from 'node:readline';
import type { Fingerprint } from './generate.ts';
import { workload as find, type Workload } from './workloads.ts';

/** What a contender computed before it is timed, starting from the weights and data of generate.ts. */
export interface Answer {
  /** Of the first training steps; empty where nothing is trained. */
  readonly losses: readonly number[];
  /** Training: the gradients at the first step, before clipping. Otherwise: the outputs. */
  readonly tensors: Readonly<Record<string, Fingerprint>>;
}

/** Training steps that an answer covers. */
export const answerSteps = 3;

/** A contender that is ready for one workload. */
export interface Entry {
  /** Version and the settings that matter. */
  readonly settings: string;
  /** Called once, before the first `step`. */
  answer(): Promise<Answer> | Answer;
  /** One whole step of the workload. */
  step(): unknown;
}

/** Thrown by a contender that cannot take part on this machine. */
export class Absent extends Error {}

/** More than this says nothing new about a median. */
const mostSamples = 20_000;

/**
 * A contender's side of the conversation, one JSON object per line: it says `{ ready }` or `{ absent }` with a text, replies
 * to `answer` with an Answer and to `time BUDGET_MS WARM_UP_STEPS` with `{ ms: [...] }`, and leaves when its input ends.
 */
export async function serve(open: (workload: Workload, threads: number) => Promise<Entry>): Promise<void> {
  const values = new Map(process.argv.slice(2).map(text => text.split(/=(.*)/s) as [string, string]));
  let entry: Entry;
  try {
    entry = await open(find(values.get('name')!)!, Number(values.get('threads')));
  } catch (error) {
    if (!(error instanceof Absent)) throw error;
    return say({ absent: error.message });
  }
  say({ ready: entry.settings });
  for await (const line of createInterface({ input: process.stdin })) {
    const [command, budget, warmUp] = line.split(' ');
    say(command === 'answer' ? await entry.answer() : { ms: await time(entry, Number(budget), Number(warmUp)) });
  }
  process.exit();
}

async function time({ step }: Entry, budgetMs: number, warmUp: number): Promise<number[]> {
  for (let count = 0; count < warmUp; count++) await step();
  const ms: number[] = [];
  const start = performance.now();
  do {
    const before = performance.now();
    const running = step();
    if (running instanceof Promise) await running;
    ms.push(performance.now() - before);
  } while (performance.now() - start < budgetMs && ms.length < mostSamples);
  return ms;
}

function say(message: object): void {
  process.stdout.write(JSON.stringify(message) + '\n');
}
