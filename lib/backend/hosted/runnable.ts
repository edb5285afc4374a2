import type { ProgramData } from '../../program/program.ts';
import type { Feeds, NumberArray, Results } from '../backend.ts';

/** A program, the storages it is bound to, and what its runs add up. */
export interface Loaded {
  readonly data: ProgramData;
  readonly storages: Readonly<Record<string, NumberArray>>;
  /** Of each step, over all runs. */
  readonly seconds: Float64Array;
}

/** A program that is ready to run on the thread that made it. */
export interface Runnable {
  /**
   * Runs all steps. @param cancelled asked until the commit point
   * @throws Cancelled where it said so; ERR_NON_FINITE, ERR_INDEX, ERR_MEMORY before anything is committed
   */
  run(feeds: Feeds, cancelled?: () => boolean): Results;
}

/** What a cancelled run ends with; the caller's signal knows the reason. */
export class Cancelled extends Error {}
