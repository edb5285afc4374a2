import { expect } from 'chai';
import { type Bar, barChart } from '../../lib/plots/bar-chart.ts';

type Kind = 'own' | 'other';
const chart = (bars: readonly Bar<Kind>[], title = 'Title') =>
  barChart<Kind>({ title, label: 'ms', kinds: ['own', 'other'], bars });

/** Bars, without the background and the legend. */
const rects = (svg: string) =>
  [...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="14" fill="([^"]*)"/g)].map(
    ([, x, y, width, fill]) => ({ x: Number(x), y: Number(y), width: Number(width), fill: fill! }),
  );

describe('barChart', () => {
  it('draws bars from zero, as long as their values, from top to bottom', () => {
    const drawn = rects(
      chart([
        { name: 'a', value: 4, kind: 'own' },
        { name: 'b', value: 1, kind: 'own' },
        { name: 'c', value: 0, kind: 'own' },
      ]),
    );
    const [a, b, c] = drawn;
    expect(a!.width).to.be.above(100);
    expect(b!.width / a!.width).to.be.closeTo(0.25, 0.001);
    expect(c!.width).to.equal(0);
    expect(new Set(drawn.map(({ x }) => x)).size).to.equal(1);
    expect(a!.y < b!.y && b!.y < c!.y).to.equal(true);
  });

  it('puts the mark of a value where a bar of that value ends', () => {
    const svg = chart([{ name: 'a', value: 4, kind: 'own' }]);
    const [bar] = rects(svg);
    const mark = Number(/<text x="([\d.]+)"[^>]*>4<\/text>/.exec(svg)![1]);
    expect(mark).to.be.closeTo(bar!.x + bar!.width, 0.02);
  });

  it('colours by kind and names the kinds that occur', () => {
    const svg = chart([
      { name: 'a', value: 3, kind: 'other' },
      { name: 'b', value: 2, kind: 'own' },
      { name: 'c', value: 1, kind: 'other' },
    ]);
    const [a, b, c] = rects(svg).map(({ fill }) => fill);
    expect(a).to.equal(c).and.not.equal(b);
    expect(svg).to.contain('>own<').and.to.contain('>other<');
    const lone = chart([{ name: 'a', value: 3, kind: 'other' }]);
    expect(lone).to.contain('>other<').and.not.to.contain('>own<');
    expect(rects(lone)[0]!.fill).to.equal(a);
  });

  it('draws in full colour as much of a bar as it is told, and all of it at most', () => {
    const bars = (solid: number) => rects(chart([{ name: 'a', value: 3, kind: 'own', solid }]));
    const [faint, quarter] = bars(0.25);
    expect(quarter!.width / faint!.width).to.be.closeTo(0.25, 0.001);
    expect(quarter!.x).to.equal(faint!.x);
    expect(bars(0)[1]!.width).to.equal(0);
    for (const solid of [1, 1.5]) expect(bars(solid).map(({ width }) => width)).to.deep.equal([faint!.width]);
  });

  it('writes a note after the end of its bar and leaves room for it', () => {
    const svg = chart([{ name: 'a', value: 3, kind: 'own', note: 'a note of some length' }]);
    const { x, width } = rects(svg)[0]!;
    const at = Number(/<text x="([\d.]+)"[^>]*>a note/.exec(svg)![1]);
    expect(at).to.be.above(x + width);
    expect(rects(chart([{ name: 'a', value: 3, kind: 'own' }]))[0]!.width).to.be.above(width);
  });

  it('escapes markup and shortens what has no room', () => {
    const svg = chart([{ name: '<b>&"', value: 1, kind: 'own', note: '<i>' }], `${'long '.repeat(50)}end`);
    expect(svg).to.contain('>&#60;b&#62;&#38;&#34;<').and.to.contain('>&#60;i&#62;<');
    expect(svg).to.contain('…</text>').and.not.to.contain('end</text>');
  });

  it('draws charts one below the other', () => {
    const one = { title: 'one', label: 'ms', kinds: ['own'], bars: [{ name: 'a', value: 1, kind: 'own' }] } as const;
    const height = (svg: string) => Number(/height="(\d+)"/.exec(svg)![1]);
    const two = barChart(one, { ...one, title: 'two' });
    expect(height(two)).to.equal(2 * height(barChart(one)));
    expect(two)
      .to.contain(`translate(0 ${height(barChart(one))})`)
      .and.to.contain('>two<');
  });

  it('says so where there is nothing to draw, and draws bars that are all zero', () => {
    expect(chart([])).to.contain('no data');
    expect(chart([{ name: 'a', value: 0, kind: 'own' }])).not.to.match(/NaN|Infinity|no data/);
  });

  it('refuses lengths that cannot be drawn', () => {
    for (const value of [-1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => chart([{ name: 'a', value, kind: 'own' }]))
        .to.throw(RangeError, `a is ${value} long`)
        .with.property('code', 'ERR_ARGUMENT');
  });
});
