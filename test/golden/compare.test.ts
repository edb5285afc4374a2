import { expect } from 'chai';
import { compare } from './compare.ts';
import type { GoldenCase } from './manifest.ts';

function caseOf(expected: Readonly<Record<string, readonly number[]>>, grad?: number): GoldenCase {
  const limits = grad === undefined ? { out: 1e-5 } : { out: 1e-5, grad };
  return {
    id: 'any/case',
    kind: 'any',
    config: {},
    tensors: new Map(
      Object.entries(expected).map(([name, values]) => [
        name,
        { shape: [values.length], values: Float64Array.from(values) },
      ]),
    ),
    tolerance: { float32: limits, float64: { out: 1e-10, grad: 1e-9 } },
  };
}

const tensorsOf = (mismatches: ReturnType<typeof compare>) => mismatches.map(({ tensor }) => tensor);

describe('compare', () => {
  it('measures the error of a tensor by its largest expected value', () => {
    const golden = caseOf({ 'out.y': [10, 0] });
    expect(compare(golden, { 'out.y': [10, 9e-5] }, 'float32')).to.deep.equal([]);
    const [mismatch] = compare(golden, { 'out.y': [10, 1.1e-4] }, 'float32');
    expect(mismatch).to.deep.include({ tensor: 'out.y', tolerance: 1e-5 });
    expect(mismatch!.error).to.be.closeTo(1.1e-5, 1e-12);
  });

  it('takes the tolerance of the precision', () => {
    const golden = caseOf({ 'out.y': [1] });
    expect(tensorsOf(compare(golden, { 'out.y': [1 + 1e-9] }, 'float32'))).to.deep.equal([]);
    expect(tensorsOf(compare(golden, { 'out.y': [1 + 1e-9] }, 'float64'))).to.deep.equal(['out.y']);
  });

  it('measures small tensors by a hundredth of the largest value of all outputs', () => {
    const golden = caseOf({ 'out.y': [1e-6], 'out.h': [50] });
    expect(compare(golden, { 'out.y': [1e-6 + 4e-6], 'out.h': [50] }, 'float32')).to.deep.equal([]);
    expect(tensorsOf(compare(golden, { 'out.y': [1e-6 + 6e-6], 'out.h': [50] }, 'float32'))).to.deep.equal(['out.y']);
  });

  it('never measures by less than a thousandth', () => {
    const golden = caseOf({ 'out.y': [0] });
    expect(compare(golden, { 'out.y': [0.9e-8] }, 'float32')).to.deep.equal([]);
    expect(tensorsOf(compare(golden, { 'out.y': [1.1e-8] }, 'float32'))).to.deep.equal(['out.y']);
  });

  it('keeps the magnitudes of outputs and gradients apart', () => {
    const golden = caseOf({ 'out.y': [1000], 'grad.in.x': [0] }, 2e-5);
    expect(tensorsOf(compare(golden, { 'out.y': [1000], 'grad.in.x': [1e-5] }, 'float32'))).to.deep.equal([
      'grad.in.x',
    ]);
  });

  it('wants infinities exactly and does not measure by them', () => {
    const golden = caseOf({ 'out.loss': [Number.POSITIVE_INFINITY, 1] });
    const infinite = Number.POSITIVE_INFINITY;
    expect(compare(golden, { 'out.loss': [infinite, 1] }, 'float32')).to.deep.equal([]);
    for (const got of [
      [-infinite, 1],
      [1e300, 1],
      [Number.NaN, 1],
      [infinite, 1.1],
      [infinite, infinite],
    ])
      expect(tensorsOf(compare(golden, { 'out.loss': got }, 'float32')), String(got)).to.deep.equal(['out.loss']);
  });

  it('misses what was not computed, has another size or is not a number', () => {
    const golden = caseOf({ 'out.y': [0, 0] });
    for (const got of [{}, { 'out.y': [0] }, { 'out.y': [0, 0, 0] }, { 'out.y': [0, Number.NaN] }])
      expect(compare(golden, got, 'float32')).to.deep.equal([
        { tensor: 'out.y', error: Number.POSITIVE_INFINITY, tolerance: 1e-5 },
      ]);
  });
});
