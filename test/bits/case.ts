import { createHash } from 'node:crypto';
import type { Backend } from '../../lib/backend/backend.ts';
import type { Program } from '../../lib/program/program.ts';
import { type Batch, Trial, type Values } from '../backend/conformance/trial.ts';

/** A program and all that it is given, clear of denormal numbers and of NaN: its bits are the same on every platform. */
export interface Case {
  readonly name: string;
  readonly program: Program;
  /** Storages before the first batch; zeros where it says nothing. */
  readonly initial?: Values;
  readonly batches: readonly Batch[];
}

/** SHA-256 of what the native backend computes: the results of every batch, then the storages, each after its name. */
export function hashOf({ program, initial, batches }: Case, backend: Backend): string {
  const hash = createHash('sha256');
  const trial = new Trial(backend, program, initial);
  for (const arrays of [...batches.map(batch => trial.runSync(batch)), trial.stored()])
    for (const [name, array] of Object.entries(arrays)) hash.update(`${name}\n`).update(array);
  return hash.digest('hex');
}
