/** Draws the same numbers for the same seed: xorshift32. Marsaglia 2003. */
export class Numbers {
  private state: number;

  constructor(seed: number) {
    this.state = seed || 1;
  }

  /** Uniform in [0, 1). */
  next(): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return (this.state >>> 0) / 2 ** 32;
  }

  /** Float32 numbers, so that backends of either precision start from the same values. */
  reals(count: number, largest = 1): Float64Array {
    return Float64Array.from({ length: count }, () => Math.fround((2 * this.next() - 1) * largest));
  }

  integers(count: number, below: number): Int32Array {
    return Int32Array.from({ length: count }, () => Math.floor(this.next() * below));
  }
}
