import { expect } from 'chai';
import { diagnosisChart } from '../../lib/diagnosis/chart.ts';
import type { Diagnosis } from '../../lib/diagnosis/diagnose.ts';

const diagnosed = (h: number[], gates = { i: { low: 0.25, high: 0.25 } }): Diagnosis => ({
  loss: 1,
  rows: 1,
  layers: [{ name: 'lstm', cell: 'lstm', size: 1, gradients: { h, c: h }, vanishesBeyond: {}, gates, dead: [] }],
});

describe('diagnosisChart', () => {
  /** Heights of the points of each curve. */
  const curves = (svg: string) =>
    [...svg.matchAll(/<path d="([^"]*)"/g)].map(([, d]) => [...d!.matchAll(/ ([\d.]+)/g)].map(([, y]) => Number(y)));

  it('draws powers of ten evenly, on the same axes for all', () => {
    const [falling, , flat] = curves(
      diagnosisChart([
        { name: 'one', diagnosis: diagnosed([1, 1e-2, 1e-4]) },
        { name: 'two', diagnosis: diagnosed([1e-2, 1e-2, 1e-2]) },
      ]),
    );
    expect(falling![1]! - falling![0]!).to.be.closeTo(falling![2]! - falling![1]!, 0.02);
    expect(falling![0]).to.be.below(falling![2]!);
    for (const height of flat!) expect(height).to.be.closeTo(falling![1]!, 0.01);
  });

  it('leaves out what is 0 or not finite', () => {
    const nothing = diagnosed([1, 0, Number.NaN, Number.POSITIVE_INFINITY], { i: { low: 0, high: 0 } });
    const svg = diagnosisChart([{ name: 'one', diagnosis: nothing }]);
    expect(svg).not.to.match(/NaN|Infinity/);
  });

  it('has a bar for each gate, solid as far as its values are low', () => {
    const svg = diagnosisChart([{ name: 'one', diagnosis: diagnosed([1, 1]) }]);
    const widths = [...svg.matchAll(/<rect x="[\d.]+" y="[\d.]+" width="([\d.]+)" height="14"/g)].map(([, w]) =>
      Number(w),
    );
    expect(widths).to.have.length(2);
    expect(widths[1]! / widths[0]!).to.be.closeTo(0.5, 0.001);
    expect(svg).to.contain('>25 % low, 25 % high<').and.to.contain('>lstm i<');
  });
});
