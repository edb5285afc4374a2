/** How a classifier did on one class; each figure is 0 where it would divide by none. */
export interface ClassScores {
  /** Share of the answers of this class that were right. */
  readonly precision: number;
  /** Share of the rows of this class that were answered so. */
  readonly recall: number;
  /** Harmonic mean of both. */
  readonly f1: number;
  /** Rows of this class. */
  readonly support: number;
}

/** Counts of a classifier's answers by what was right. */
export class Confusion {
  /** counts[actual][predicted], by class number */
  readonly counts: readonly number[][];

  constructor(classes: number) {
    this.counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  }

  add(actual: number, predicted: number): void {
    this.counts[actual]![predicted]!++;
  }

  /** Share of all rows that were answered rightly. */
  get accuracy(): number {
    const { counts } = this;
    return ratio(sum(counts.map((row, actual) => row[actual]!)), sum(counts.map(sum)));
  }

  /** By class number. */
  get scores(): ClassScores[] {
    return this.counts.map((row, label) => {
      const right = row[label]!;
      const support = sum(row);
      const answered = sum(this.counts.map(counts => counts[label]!));
      return {
        precision: ratio(right, answered),
        recall: ratio(right, support),
        f1: ratio(2 * right, answered + support),
        support,
      };
    });
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
