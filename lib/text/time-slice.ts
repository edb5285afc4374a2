import { setImmediate } from 'node:timers/promises';

const budgetMs = 3;

/** Cuts long work on JavaScript's thread into slices, between which the event loop gets its turn. */
export class TimeSlice {
  #end = performance.now() + budgetMs;

  /** Whether the work has held the thread long enough. */
  get over(): boolean {
    return performance.now() >= this.#end;
  }

  /** Resolves after the event loop's turn, at the start of the next slice. */
  async next(): Promise<void> {
    await setImmediate();
    this.#end = performance.now() + budgetMs;
  }
}
