import { expect } from 'chai';
import { lineChart, type Series } from '../../lib/plots/line-chart.ts';

const chart = (series: readonly Series[], title = 'Title') => lineChart({ title, xLabel: 'x', yLabel: 'y', series });

/** The `d` of each curve. */
const paths = (svg: string) => [...svg.matchAll(/<path d="([^"]*)"/g)].map(([, d]) => d!);

describe('lineChart', () => {
  it('draws a curve through its points, upwards where y grows', () => {
    const [d] = paths(chart([{ name: 'a', x: [0, 1, 2], y: [0, 1, 4] }]));
    const points = d!.match(/[ML][\d.]+ [\d.]+/g)!.map(point => point.slice(1).split(' ').map(Number));
    expect(points.length).to.equal(3);
    expect(points[0]![0]).to.be.below(points[1]![0]!);
    expect(points[0]![1]).to.be.above(points[1]![1]!);
    const [low, middle, high] = points.map(([, y]) => y!);
    expect((low! - middle!) / (low! - high!)).to.be.closeTo(0.25, 0.001);
  });

  it('begins at 0 where heights are to be compared', () => {
    const curve = { title: 't', xLabel: 'x', yLabel: 'y', series: [{ name: 'a', x: [0, 1], y: [100, 110] }] };
    const heights = (svg: string) =>
      paths(svg)[0]!
        .match(/ [\d.]+/g)!
        .map(Number);
    const [low, high] = heights(lineChart(curve));
    const [lowFromZero, highFromZero] = heights(lineChart({ ...curve, fromZero: true }));
    expect(lowFromZero! - highFromZero!).to.be.below((low! - high!) / 4);
  });

  it('holds on its y axis what it is told to beside its curves', () => {
    const curve = { title: 't', xLabel: 'x', yLabel: 'y', series: [{ name: 'a', x: [0, 1], y: [0, 1] }] };
    const [d] = paths(lineChart({ ...curve, yHolds: [10] }));
    const [low, high] = d!.match(/ [\d.]+/g)!.map(Number);
    const [lowAlone, highAlone] = paths(lineChart(curve))[0]!
      .match(/ [\d.]+/g)!
      .map(Number);
    expect((low! - high!) / (lowAlone! - highAlone!)).to.be.closeTo(0.1, 0.001);
  });

  it('leaves a gap where y is not finite and a dot where a point stands alone', () => {
    const svg = chart([{ name: 'a', x: [1, 2, 3, 4, 5], y: [1, 2, Number.NaN, 3, Number.POSITIVE_INFINITY] }]);
    expect(paths(svg)[0]!.match(/[ML]/g)!.join('')).to.equal('MLM');
    expect(svg).not.to.match(/NaN|Infinity/);
    const many = Array.from({ length: 100 }, (_, at) => at);
    const lone = chart([{ name: 'a', x: many, y: many.map(at => (at === 50 ? 1 : Number.NaN)) }]);
    expect(lone.match(/<circle/g)).to.have.length(1);
  });

  it('dashes the series that ask for it, in the curve and in the legend', () => {
    const svg = chart([
      { name: 'training', x: [1, 2], y: [1, 2] },
      { name: 'validation', x: [1, 2], y: [1, 2], dashed: true },
    ]);
    expect(svg.match(/stroke-dasharray/g)).to.have.length(2);
    expect(svg).to.contain('>training<').and.to.contain('>validation<');
  });

  it('escapes markup, leaves out what XML forbids and shortens what has no room', () => {
    const svg = chart([{ name: '<b>&"\u0000\u001b', x: [1], y: [1] }], `${'long '.repeat(50)}end`);
    expect(svg).to.contain('>&#60;b&#62;&#38;&#34;<');
    expect(svg).to.contain('…</text>').and.not.to.contain('end</text>');
  });

  it('grows by the lines of its legend', () => {
    const height = (svg: string) => Number(/height="(\d+)"/.exec(svg)![1]);
    const series = (count: number) =>
      Array.from({ length: count }, (_, at) => ({ name: `a series of some length ${at}`, x: [1], y: [1] }));
    expect(height(chart(series(6)))).to.be.above(height(chart(series(1))));
  });

  it('says so where there is nothing to draw', () => {
    expect(chart([])).to.contain('no data');
    expect(chart([{ name: 'a', x: [1], y: [Number.NaN] }])).to.contain('no data');
  });

  it('refuses series with more x than y', () => {
    expect(() => chart([{ name: 'a', x: [1, 2], y: [1] }]))
      .to.throw(RangeError, 'a has 2 x and 1 y')
      .with.property('code', 'ERR_ARGUMENT');
  });
});
