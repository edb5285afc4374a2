import type { Feeds, Results } from '../backend.ts';
import type { LoadedProgram } from './loaded-program.ts';

/** Makes the runs of a backend that may wait: one after another, first in, first out. */
export interface Runner {
  /** Copies the feeds and queues the run. */
  run(program: LoadedProgram, feeds: Feeds, signal: AbortSignal | undefined): Promise<Results>;
  /** The programs of the runs that are queued or under way. */
  readonly pending: Iterable<LoadedProgram>;
  /** Ends when the pending runs have. */
  close(): Promise<void>;
}
