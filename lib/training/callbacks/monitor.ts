import { rangeError } from '../../errors.ts';
import type { EpochRecord } from '../history.ts';

/** A figure of an epoch that a callback watches; losses are better when smaller, accuracies when larger. */
export type Monitored = 'loss' | 'accuracy' | 'valLoss' | 'valAccuracy';

/** Remembers the best value of a figure. */
export class Monitor {
  best: number | undefined;
  private readonly name: Monitored;
  private readonly minDelta: number;

  constructor(name: Monitored, minDelta = 0) {
    this.name = name;
    this.minDelta = minDelta;
  }

  /** Whether this epoch is better than every one before it, by more than `minDelta`. */
  improves(record: EpochRecord): boolean {
    const value = record[this.name];
    if (value === undefined)
      throw rangeError(
        'ERR_ARGUMENT',
        `fit: there is no ${this.name} to watch; give validation data, or watch another figure`,
      );
    const sign = this.name === 'loss' || this.name === 'valLoss' ? -1 : 1;
    if (this.best !== undefined && !(sign * (value - this.best) > this.minDelta)) return false;
    this.best = value;
    return true;
  }
}
