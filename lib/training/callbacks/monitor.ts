import { rangeError } from '../../errors.ts';
import type { Figure } from '../../optimizers/schedules/schedule.ts';
import type { EpochRecord } from '../history.ts';

/** Remembers the best value of a figure. */
export class Monitor {
  best: number | undefined;
  private readonly name: Figure;
  private readonly minDelta: number;

  constructor(name: Figure, minDelta = 0) {
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
