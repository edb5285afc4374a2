import { setImmediate as turn } from 'node:timers/promises';

/** How long something took that was done over and over. */
export interface RunTimes {
  readonly runs: number;
  readonly medianMs: number;
  readonly minMs: number;
  /** Of all runs together. */
  readonly totalMs: number;
}

export interface RunTimesOptions {
  /** For how long to do it, of runs alone; three runs at least. */
  readonly seconds: number;
  readonly signal?: AbortSignal | undefined;
  /** Called now and then with the share of the time that is over. */
  readonly onProgress?: ((share: number) => void) | undefined;
}

const leastRuns = 3;
/** Between two turns of the event loop, where runs are synchronous. */
const turnMs = 10;

/** Does something over and over and takes the time. Rejects with the signal's reason where it is aborted. */
export async function timeRuns(
  run: () => unknown,
  { seconds, signal, onProgress }: RunTimesOptions,
): Promise<RunTimes> {
  const times: number[] = [];
  let totalMs = 0;
  let turned = performance.now();
  while (totalMs < seconds * 1000 || times.length < leastRuns) {
    const begin = performance.now();
    const running = run();
    if (running instanceof Promise) await running;
    const end = performance.now();
    times.push(end - begin);
    totalMs += end - begin;
    if (end - turned < turnMs) continue;
    onProgress?.(Math.min(1, totalMs / (seconds * 1000)));
    await turn();
    signal?.throwIfAborted();
    turned = performance.now();
  }
  const sorted = Float64Array.from(times).sort();
  return { runs: sorted.length, medianMs: sorted[sorted.length >> 1]!, minMs: sorted[0]!, totalMs };
}

/** Runs that do not count: plans are made, weights packed, code compiled, processors woken. */
export async function warmUp(run: () => unknown, { seconds, signal }: RunTimesOptions): Promise<void> {
  const end = performance.now() + (seconds * 1000) / 4;
  for (let runs = 0; runs < leastRuns && (runs === 0 || performance.now() < end); runs++) {
    await run();
    signal?.throwIfAborted();
  }
}
