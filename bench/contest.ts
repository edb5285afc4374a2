import { setTimeout } from 'node:timers/promises';
import { disagreement } from './agreement.ts';
import { Contender, Dropped } from './contender.ts';
import { type ContenderName, contenders, type Definition } from './contenders.ts';
import { Absent, type Answer } from './serve.ts';
import type { Workload } from './workloads.ts';

export interface ContestOptions {
  readonly rounds: number;
  /** Seconds of a turn. */
  readonly seconds: number;
  /** Seconds that a contender may take to start and answer, and again for all its turns together. */
  readonly limit: number;
}

export interface Result {
  readonly contender: ContenderName;
  readonly threads: number;
  /** Version and settings, where it started. */
  readonly settings: string;
  readonly outcome: Timed | { readonly kind: 'refuses' | 'absent' | 'failed' | 'disagrees'; readonly reason: string };
}

export interface Timed {
  readonly kind: 'timed';
  readonly msMedian: number;
  readonly msMin: number;
  /** Turns it had; fewer than the others' where its time was up. */
  readonly rounds: number;
  readonly steps: number;
}

interface Ready {
  readonly name: ContenderName;
  readonly threads: number;
  readonly contender: Contender;
  readonly answer: Answer;
  /** Milliseconds, estimated from the answer and then from the last turn. */
  step: number;
  readonly ms: number[];
  rounds: number;
  spent: number;
  failure?: Dropped;
}

/** Lets the others' threads, which spin for a while after their last step, go to sleep. */
const pauseMs = 25;

/** In the order of trust: whose answer the others' are measured against. js is the definition of every operation. */
const references: readonly ContenderName[] = ['js', 'torch', 'onednn', 'onnxruntime', 'tfjs', 'native'];

/** Everybody answers; those who agree take turns, an equal number each. */
export async function contest(
  workload: Workload,
  threads: number,
  names: readonly ContenderName[],
  options: ContestOptions,
  say: (progress: string) => void,
): Promise<Result[]> {
  const results = new Map<ContenderName, Result>();
  const ready: Ready[] = [];
  const drop = (
    contender: ContenderName,
    own: number,
    settings: string,
    kind: Dropped['kind'] | 'refuses' | 'disagrees',
    reason: string,
  ) => results.set(contender, { contender, threads: own, settings, outcome: { kind, reason } });

  try {
    for (const name of names) {
      const definition: Definition = contenders[name];
      const own = definition.threaded ? threads : 1;
      const refusal = definition.refuses(workload);
      if (refusal) {
        drop(name, own, '', 'refuses', refusal);
        continue;
      }
      say(`${workload.name}: ${name} starts and answers`);
      const started = await start(name, own, workload, options).catch((error: unknown) => asDropped(error));
      if (started instanceof Dropped) drop(name, own, '', started.kind, started.message);
      else ready.push(started);
    }
    const reference = references.flatMap(name => ready.filter(entry => entry.name === name))[0];
    const agreeing = ready.filter(({ name, threads, contender, answer }) => {
      const reason = disagreement(reference!.answer, answer);
      if (reason) drop(name, threads, contender.settings, 'disagrees', `${reason} by ${reference!.name}`);
      return reason === undefined;
    });
    await takeTurns(agreeing, workload, options, say);
    for (const { name, threads, contender, ms, rounds, failure } of agreeing) {
      if (failure) drop(name, threads, contender.settings, failure.kind, failure.message);
      else {
        const outcome: Timed = {
          kind: 'timed',
          msMedian: median(ms),
          msMin: Math.min(...ms),
          rounds,
          steps: ms.length,
        };
        results.set(name, { contender: name, threads, settings: contender.settings, outcome });
      }
    }
  } finally {
    for (const { contender } of ready) contender.stop();
  }
  return names.map(name => results.get(name)!);
}

async function start(
  name: ContenderName,
  threads: number,
  workload: Workload,
  { limit }: ContestOptions,
): Promise<Ready> {
  const launch = contenders[name].launch();
  const contender = await Contender.start(launch, workload, threads, limit * 1000);
  try {
    const before = performance.now();
    const answer = await contender.answer(limit * 1000);
    const stepsInAnswer = answer.losses.length + 1;
    return {
      name,
      threads,
      contender,
      answer,
      step: (performance.now() - before) / stepsInAnswer,
      ms: [],
      rounds: 0,
      spent: 0,
    };
  } catch (error) {
    contender.stop();
    throw error;
  }
}

/** Rounds of turns. A turn begins with a step that does not count, where steps are short. */
async function takeTurns(
  entries: readonly Ready[],
  workload: Workload,
  { rounds, seconds, limit }: ContestOptions,
  say: (progress: string) => void,
): Promise<void> {
  for (let round = 1; round <= rounds; round++)
    for (const entry of entries) {
      if (entry.failure || (round > 1 && entry.spent + entry.step > limit * 1000)) continue;
      say(`${workload.name}: round ${round} of ${rounds}, ${entry.name}`);
      await setTimeout(pauseMs);
      const before = performance.now();
      try {
        const warmUp = entry.step < (seconds * 1000) / 4 ? 1 : 0;
        const ms = await entry.contender.time(seconds * 1000, warmUp, (seconds + limit) * 1000);
        entry.ms.push(...ms);
        entry.step = median(ms);
        entry.rounds++;
      } catch (error) {
        entry.failure = asDropped(error);
      }
      entry.spent += performance.now() - before;
    }
}

function asDropped(error: unknown): Dropped {
  if (error instanceof Dropped) return error;
  return new Dropped(
    error instanceof Absent ? 'absent' : 'failed',
    error instanceof Error ? error.message : String(error),
  );
}

export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
