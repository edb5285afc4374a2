import { rangeError } from '../errors.ts';
import { philox4x32 } from './philox.ts';

const words = 2 ** 32;

/**
 * Numbers drawn one after another from Philox, by a seed and a stream: streams of one seed are independent of each other.
 * The counter's last word stays 0, which dropout masks never have (theirs is the training step, from 1).
 */
export class Random {
  readonly seed: number;
  readonly stream: number;
  readonly #block = new Uint32Array(4);
  #blocks = 0;
  #used = 4;
  #spare: number | undefined;

  /** @param seed, stream whole numbers in [0, 2³²) @throws ERR_ARGUMENT otherwise */
  constructor(seed: number, stream = 0) {
    for (const [name, value] of Object.entries({ seed, stream }))
      if (!Number.isInteger(value) || value < 0 || value >= words)
        throw rangeError('ERR_ARGUMENT', `Random: ${name} must be a whole number in [0, 2³²), got ${String(value)}`);
    this.seed = seed;
    this.stream = stream;
  }

  /** A whole number in [0, 2³²). */
  word(): number {
    if (this.#used === 4) {
      philox4x32(this.#block, this.#blocks, Math.floor(this.#blocks / words), 0, 0, this.seed, this.stream);
      this.#blocks++;
      this.#used = 0;
    }
    return this.#block[this.#used++]!;
  }

  /** Uniform in [0, 1), a multiple of 2⁻⁵³. */
  uniform(): number {
    const high = this.word() >>> 5;
    const low = this.word() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  /** Normal with mean 0 and variance 1. Box & Muller 1958. */
  normal(): number {
    const spare = this.#spare;
    if (spare !== undefined) {
      this.#spare = undefined;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** A whole number in [0, bound), each equally likely; `bound` a whole number in [1, 2³²]. @throws ERR_ARGUMENT */
  below(bound: number): number {
    if (!Number.isInteger(bound) || bound < 1 || bound > words)
      throw rangeError('ERR_ARGUMENT', `Random.below: bound must be a whole number in [1, 2³²], got ${String(bound)}`);
    const fair = words - (words % bound);
    for (;;) {
      const word = this.word();
      if (word < fair) return word % bound;
    }
  }

  /** Permutes an array in place, each order equally likely, and returns it. Fisher & Yates; Durstenfeld 1964. */
  shuffle<A extends { readonly length: number; [index: number]: unknown }>(array: A): A {
    for (let last = array.length - 1; last > 0; last--) {
      const other = this.below(last + 1);
      const value = array[last];
      array[last] = array[other];
      array[other] = value;
    }
    return array;
  }
}
