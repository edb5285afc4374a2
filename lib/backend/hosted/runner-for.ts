import { node } from '../../node.ts';
import type { Backend } from '../backend.ts';
import type { Runner } from './runner.ts';
import { TurnRunner } from './turn-runner.ts';
import { WorkerRunner } from './worker-runner.ts';

/** The runner of a backend on this platform; @see WorkerRunner for what it is given */
export function runnerFor(backend: Backend['name'], given: unknown): Runner {
  return node ? new WorkerRunner(backend, given) : new TurnRunner();
}
