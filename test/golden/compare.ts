import type { GoldenCase, Precision } from './manifest.ts';

/** What a kind computed, by the names under which the case keeps what it expects, in the same shapes. */
export type Computed = Readonly<Record<string, ArrayLike<number>>>;

export interface Mismatch {
  readonly tensor: string;
  readonly error: number;
  readonly tolerance: number;
}

/** The expected tensors that were missed; none when the case passes. */
export function compare({ tensors, tolerance }: GoldenCase, computed: Computed, precision: Precision): Mismatch[] {
  const limits = { 'out.': tolerance[precision].out, 'grad.': tolerance[precision].grad ?? 0 };
  return Object.entries(limits).flatMap(([prefix, limit]) => {
    const expected = [...tensors].filter(([name]) => name.startsWith(prefix));
    const floor = Math.max(1e-3, 0.01 * Math.max(0, ...expected.map(([, { values }]) => magnitude(values))));
    return expected.flatMap(([tensor, { values }]) => {
      const error = errorOf(computed[tensor], values, floor);
      return error <= limit ? [] : [{ tensor, error, tolerance: limit }];
    });
  });
}

/** The largest deviation relative to the largest expected value; infinite where something is absent or not finite. */
function errorOf(got: ArrayLike<number> | undefined, expected: Float64Array, floor: number): number {
  if (got?.length !== expected.length) return Number.POSITIVE_INFINITY;
  let worst = 0;
  for (let index = 0; index < expected.length; index++) {
    if (got[index] === expected[index]) continue;
    const deviation = Math.abs(got[index]! - expected[index]!);
    if (!Number.isFinite(deviation)) return Number.POSITIVE_INFINITY;
    worst = Math.max(worst, deviation);
  }
  return worst / Math.max(magnitude(expected), floor);
}

function magnitude(values: Float64Array): number {
  return values.reduce((largest, value) => (Number.isFinite(value) ? Math.max(largest, Math.abs(value)) : largest), 0);
}
