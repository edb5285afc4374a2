import type { Answer } from './serve.ts';

/** Float32 arithmetic in different orders stays an order of magnitude below these. */
export const tolerance = {
  /** Of a loss, relative to it. */
  loss: 1e-5,
  /** Of a fingerprint, relative to the norm. */
  tensor: 1e-4,
} as const;

/** What tells two answers apart, or undefined where they are the same to the tolerance. */
export function disagreement(expected: Answer, got: Answer): string | undefined {
  for (const [index, loss] of expected.losses.entries()) {
    const other = got.losses[index];
    if (other === undefined || !(Math.abs(other - loss) <= tolerance.loss * Math.abs(loss)))
      return `the loss of step ${index + 1} is ${other}, expected ${loss}`;
  }
  for (const [name, [norm, projection]] of Object.entries(expected.tensors)) {
    const other = got.tensors[name];
    const difference = other && Math.max(Math.abs(other[0] - norm), Math.abs(other[1] - projection)) / norm;
    if (difference === undefined) return `${name} is missing`;
    if (!(difference <= tolerance.tensor)) return `${name} differs by ${difference.toExponential(1)} of its norm`;
  }
  return undefined;
}
