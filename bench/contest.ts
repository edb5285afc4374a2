import { setTimeout } from 'node:timers/promises';
import { disagreement, distance } from './agreement.ts';
import { Contender, Dropped } from './contender.ts';
import { type BenchIsa, type ContenderName, contenders, type Definition, type Launch } from './contenders.ts';
import { Absent, type Answer } from './serve.ts';
import type { Workload } from './workloads.ts';

export interface ContestOptions {
  readonly rounds: number;
  /** Seconds of a turn. */
  readonly seconds: number;
  /** Seconds that a contender may take to start and answer, and again for all its turns together. */
  readonly limit: number;
  /** All are kept to it; undefined where each uses what it finds. */
  readonly isa?: BenchIsa | undefined;
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
  /** How far its answer is from the one that the others' are measured against. */
  readonly agreement: number;
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
const references: readonly ContenderName[] = [
  'js',
  'torch',
  'onednn',
  'onnxruntime',
  'tfjs',
  'native',
  'native-padded',
  'native-scan',
  'native-bfloat16',
  'native-int8',
  'wasm',
];

/** Of the trial that chooses among the ways to start a contender. */
const trialMs = 300;

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
      const refusal =
        definition.refuses(workload) ??
        (options.isa && !definition.keptTo ? `nothing keeps it to ${options.isa}` : undefined);
      if (refusal) {
        drop(name, own, '', 'refuses', refusal);
        continue;
      }
      say(`${workload.name}: ${name} starts and answers`);
      const started = await start(name, definition, own, workload, options).catch((error: unknown) => asDropped(error));
      if (started instanceof Dropped) drop(name, own, '', started.kind, started.message);
      else ready.push(started);
    }
    const reference = references.flatMap(name => ready.filter(entry => entry.name === name))[0];
    const agreeing = ready.filter(({ name, threads, contender, answer }) => {
      const { tolerance }: Definition = contenders[name];
      const reason = disagreement(reference!.answer, answer, tolerance);
      if (reason) drop(name, threads, contender.settings, 'disagrees', `${reason} by ${reference!.name}`);
      return reason === undefined;
    });
    await takeTurns(agreeing, workload, options, say);
    for (const { name, threads, contender, answer, ms, rounds, failure } of agreeing) {
      if (failure) drop(name, threads, contender.settings, failure.kind, failure.message);
      else {
        const outcome: Timed = {
          kind: 'timed',
          msMedian: median(ms),
          msMin: least(ms),
          rounds,
          steps: ms.length,
          agreement: distance(reference!.answer, answer),
        };
        results.set(name, { contender: name, threads, settings: contender.settings, outcome });
      }
    }
  } finally {
    for (const { contender } of ready) contender.stop();
  }
  return names.map(name => results.get(name)!);
}

/** Of several ways to start it, the one whose fastest step in a short trial is the fastest. */
export async function start(
  name: ContenderName,
  definition: Definition,
  threads: number,
  workload: Workload,
  { limit, isa }: Pick<ContestOptions, 'limit' | 'isa'>,
): Promise<Ready> {
  const environment = isa && definition.keptTo?.(isa);
  const launches = definition
    .launches()
    .map((launch): Launch => ({ ...launch, environment: { ...launch.environment, ...environment } }));
  const started: Ready[] = [];
  const failures: Dropped[] = [];
  for (const launch of launches)
    try {
      started.push(await startAs(launch, name, threads, workload, { limit, onTrial: launches.length > 1 }));
    } catch (error) {
      failures.push(asDropped(error));
    }
  const [best, ...others] = started.sort((a, b) => a.step - b.step);
  for (const { contender } of others) contender.stop();
  if (!best) throw failures[0]!;
  for (const { message } of failures) best.contender.settings += `; started another way it failed: ${message}`;
  return best;
}

async function startAs(
  launch: Launch,
  name: ContenderName,
  threads: number,
  workload: Workload,
  { limit, onTrial }: { limit: number; onTrial: boolean },
): Promise<Ready> {
  const limitMs = limit * 1000;
  const contender = await Contender.start(launch, workload, threads, limitMs);
  try {
    const before = performance.now();
    const answer = await contender.answer(limitMs);
    const step = (performance.now() - before) / (answer.losses.length + 1);
    const entry: Ready = { name, threads, contender, answer, step, ms: [], rounds: 0, spent: 0 };
    if (onTrial) entry.step = least(await turn(entry, trialMs, limitMs));
    return entry;
  } catch (error) {
    contender.stop();
    throw error;
  }
}

/** Rounds of turns. */
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
      const before = performance.now();
      try {
        const ms = await turn(entry, seconds * 1000, limit * 1000);
        entry.ms.push(...ms);
        entry.step = median(ms);
        entry.rounds++;
      } catch (error) {
        entry.failure = asDropped(error);
      }
      entry.spent += performance.now() - before;
    }
}

/** Milliseconds of each step. A turn begins with a step that does not count, where steps are short. */
async function turn({ contender, step }: Ready, budgetMs: number, limitMs: number): Promise<number[]> {
  await setTimeout(pauseMs);
  const warmUp = step < budgetMs / 4 ? 1 : 0;
  return contender.time(budgetMs, warmUp, budgetMs + limitMs);
}

function asDropped(error: unknown): Dropped {
  if (error instanceof Dropped) return error;
  return new Dropped(
    error instanceof Absent ? 'absent' : 'failed',
    error instanceof Error ? error.message : String(error),
  );
}

/** Of any number of values, more than a call takes arguments. */
function least(values: readonly number[]): number {
  return values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
}

export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
