import type { Answer } from './serve.ts';

/** Float32 arithmetic in different orders stays an order of magnitude below these. */
export const tolerance = {
  /** Of a loss, relative to it. */
  loss: 1e-5,
  /** Of a fingerprint, relative to the norm. */
  tensor: 1e-4,
} as const;

export interface Tolerance {
  readonly loss: number;
  readonly tensor: number;
}

/** What tells two answers apart, or undefined where they are the same to the tolerance. */
export function disagreement(expected: Answer, got: Answer, tolerated: Tolerance = tolerance): string | undefined {
  return differences(expected, got, tolerated).find(({ relative, tolerated }) => !(relative <= tolerated))?.text;
}

/** How far apart two answers are: the largest difference of a loss or a fingerprint, relative as in `tolerance`. */
export function distance(expected: Answer, got: Answer): number {
  return Math.max(0, ...differences(expected, got).map(({ relative }) => relative));
}

interface Difference {
  /** Infinite where the other has nothing to compare with. */
  readonly relative: number;
  readonly tolerated: number;
  readonly text: string;
}

function differences(expected: Answer, got: Answer, { loss: ofLosses, tensor }: Tolerance = tolerance): Difference[] {
  const losses = expected.losses.map((loss, index) => {
    const other = got.losses[index];
    return {
      relative: other === undefined ? Infinity : relativeTo(loss, Math.abs(other - loss)),
      tolerated: ofLosses,
      text: `the loss of step ${index + 1} is ${other}, expected ${loss}`,
    };
  });
  const tensors = Object.entries(expected.tensors).map(([name, [norm, projection]]) => {
    const other = got.tensors[name];
    const relative = other
      ? relativeTo(norm, Math.max(Math.abs(other[0] - norm), Math.abs(other[1] - projection)))
      : Infinity;
    return {
      relative,
      tolerated: tensor,
      text: other ? `${name} differs by ${relative.toExponential(1)} of its norm` : `${name} is missing`,
    };
  });
  return [...losses, ...tensors];
}

function relativeTo(size: number, difference: number): number {
  return difference === 0 ? 0 : difference / Math.abs(size);
}
