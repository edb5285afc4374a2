import type { Dataset } from '../data/dataset.ts';
import { rangeError } from '../errors.ts';
import type { Loss } from '../losses/loss.ts';
import type { Random } from '../random/random.ts';

/** Something to learn whose difficulty is a lag: the steps between what is to be remembered and where it is asked for. */
export interface Task {
  readonly name: string;
  /** What is asked, in one line. */
  readonly asks: string;
  /** Numbers that a step of a sequence has. */
  readonly inputSize: number;
  /** What a model gives, once per sequence ('last') or at every step. */
  readonly outputs: number;
  readonly answers: 'last' | 'sequence';
  readonly loss: Loss;
  /** The shortest lag that there is. */
  readonly least: number;
  /** Whether rows to learn from have lags from `least` on, evenly, or all the longest one. */
  readonly mixed: boolean;
  /** A row of each lag. The same numbers drawn, the same rows. @throws ERR_ARGUMENT for a lag below `least` */
  draw(lags: readonly number[], random: Random): Dataset;
  /** What one reaches at a lag who remembers nothing. */
  baseline(lag: number): Baseline;
}

export interface Baseline {
  readonly loss: number;
  /** Of classifiers. */
  readonly accuracy?: number | undefined;
}

/** @throws ERR_ARGUMENT for a lag that a task does not have */
export function expectLags(name: string, lags: readonly number[], least: number): void {
  const strange = lags.find(lag => !(Number.isInteger(lag) && lag >= least));
  if (strange !== undefined)
    throw rangeError('ERR_ARGUMENT', `${name}: a lag must be a whole number of at least ${least}, got ${strange}`);
}

/** What always giving each of so many equally likely classes the same probability comes to. */
export function guessing(classes: number): Required<Baseline> {
  return { loss: Math.log(classes), accuracy: 1 / classes };
}

/** So many lags to learn from, as the task wants them. */
export function lagsOf({ mixed, least }: Task, longest: number, rows: number, random: Random): number[] {
  return Array.from({ length: rows }, () => (mixed ? least + random.below(longest - least + 1) : longest));
}

/** Symbols numbered from 0 as vectors: 1 in the symbol's own place, 0 in all others. */
export function oneHot(symbols: ArrayLike<number>, size: number): Float32Array {
  const vectors = new Float32Array(symbols.length * size);
  for (let t = 0; t < symbols.length; t++) vectors[t * size + symbols[t]!] = 1;
  return vectors;
}
