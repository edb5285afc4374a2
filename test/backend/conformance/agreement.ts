import { expect } from 'chai';
import type { NumberArray } from '../../../lib/backend/backend.ts';

type Arrays = Readonly<Record<string, NumberArray>>;

/**
 * Expects that every array deviates by at most `tolerance` relative to its largest value, or to a hundredth of the largest
 * value of all arrays where it is smaller: rounding in a sum is relative to the terms, not to what they add up to.
 * Integers must be equal.
 */
export function expectAgreement(got: Arrays, expected: Arrays, tolerance: number, what: string): void {
  expect(Object.keys(got), what).to.have.members(Object.keys(expected));
  const floor = Math.max(1e-3, 0.01 * Math.max(0, ...Object.values(expected).map(magnitude)));
  for (const [name, right] of Object.entries(expected)) {
    const left = got[name]!;
    expect(left.length, `${what}: length of ${name}`).to.equal(right.length);
    if (right instanceof Int32Array) {
      expect([...left], `${what}: ${name}`).to.deep.equal([...right]);
      continue;
    }
    const error = deviation(left, right) / Math.max(magnitude(right), floor);
    if (!(error <= tolerance))
      expect.fail(`${what}: ${name} deviates by ${error.toExponential(2)}, tolerance ${tolerance}`);
  }
}

/** Expects that every array has the very same bits. */
export function expectSameBits(got: Arrays, expected: Arrays, what: string): void {
  expect(Object.keys(got), what).to.have.members(Object.keys(expected));
  for (const [name, right] of Object.entries(expected))
    if (Buffer.compare(bytesOf(got[name]!), bytesOf(right)) !== 0) expect.fail(`${what}: ${name} has other bits`);
}

/** The largest difference of two numbers at the same place; infinite where one is NaN. */
export function deviation(left: NumberArray, right: NumberArray): number {
  let worst = 0;
  for (let index = 0; index < right.length; index++) {
    if (left[index] === right[index]) continue;
    const one = Math.abs(left[index]! - right[index]!);
    if (!(one <= worst)) worst = Number.isNaN(one) ? Number.POSITIVE_INFINITY : one;
  }
  return worst;
}

function magnitude(values: NumberArray): number {
  let largest = 0;
  for (const value of values) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
  return largest;
}

function bytesOf({ buffer, byteOffset, byteLength }: NumberArray): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
