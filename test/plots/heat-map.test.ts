import { expect } from 'chai';
import { type HeatMapPanel, heatMap } from '../../lib/plots/heat-map.ts';

const panel = (values: readonly (readonly number[])[], scale: HeatMapPanel['scale'] = 'share', title = 'Title') => ({
  title,
  values,
  scale,
});
const chart = (columns: readonly string[], ...panels: readonly HeatMapPanel[]) =>
  heatMap({ columns, xLabel: 'step', yLabel: 'unit', panels });

interface Cell {
  readonly colour: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The cells of each panel, by columns and in each from top to bottom. */
function cells(svg: string): Cell[][] {
  const plots = [...svg.matchAll(/<g transform="[^"]*" shape-rendering="crispEdges">\n(.*?)\n<\/g>/gs)];
  return plots.map(([, plot]) =>
    [...plot!.matchAll(/<path fill="([^"]*)" d="([^"]*)"/g)]
      .flatMap(([, colour, path]) =>
        [...path!.matchAll(/M([\d.]+) ([\d.]+)h([\d.]+)v([\d.]+)h-[\d.]+z/g)].map(([, ...numbers]) => {
          const [x, y, width, height] = numbers.map(Number) as [number, number, number, number];
          return { colour: colour!, x, y, width, height };
        }),
      )
      .sort((a, b) => a.x - b.x || a.y - b.y),
  );
}
const colours = (svg: string) => cells(svg).map(plot => plot.map(({ colour }) => colour));
const brightness = (colour: string) => [1, 3, 5].reduce((sum, at) => sum + parseInt(colour.slice(at, at + 2), 16), 0);

describe('heatMap', () => {
  it('has a cell for each value, columns from left to right, without gaps', () => {
    const [plot] = cells(
      chart(
        ['a', 'b', 'c'],
        panel([
          [0, 1],
          [0.2, 0.4],
          [0.6, 0.8],
        ]),
      ),
    );
    expect(plot).to.have.length(6);
    const [first, below, right] = [plot![0]!, plot![1]!, plot![2]!];
    expect([first.x, first.y]).to.deep.equal([0, 0]);
    expect([below.x, below.y]).to.deep.equal([0, first.height]);
    expect([right.x, right.y]).to.deep.equal([first.width, 0]);
  });

  it('darkens shares from white, the same in every panel', () => {
    const [one, other] = colours(chart(['a'], panel([[0, 0.25, 0.5, 0.75, 1]]), panel([[0.5]])));
    expect(one![0]).to.equal('#ffffff');
    const light = one!.map(brightness);
    expect(light).to.deep.equal(light.toSorted((a, b) => b - a));
    expect(new Set(light).size).to.equal(5);
    expect(other).to.deep.equal([one![2]]);
  });

  it('colours signed values by their sign, as far as each panel goes', () => {
    const svg = chart(['a'], panel([[-2, -1, 0, 1, 2]], 'signed'), panel([[-0.5, 0.25]], 'signed'));
    const [wide, narrow] = colours(svg);
    expect(new Set(wide).size).to.equal(5);
    expect(narrow![0]).to.equal(wide![0]);
    expect(narrow![1]).to.equal(wide![3]);
    expect(brightness(wide![2]!)).to.be.above(740);
    for (const mark of ['−2', '2', '−0.5', '0.5']) expect(svg).to.contain(`>${mark}<`);
  });

  it('is grey where a value is not finite, which others do not suffer from', () => {
    const [plot] = colours(chart(['a'], panel([[Number.NaN, Number.POSITIVE_INFINITY, 1, -1]], 'signed')));
    const [whole] = colours(chart(['a'], panel([[1, -1]], 'signed')));
    expect(plot).to.deep.equal(['#bbbbbb', '#bbbbbb', ...whole!]);
  });

  it('names columns beneath all panels once, turned where they are wide', () => {
    const svg = chart(['one', '<two>'], panel([[0], [1]], 'share', 'first'), panel([[0], [1]], 'share', 'second'));
    expect(svg.match(/>one</g)).to.have.length(1);
    expect(svg).to.contain('>&#60;two&#62;<').and.to.contain('>first<').and.to.contain('>second<');
    expect(svg).not.to.contain('rotate(-45)');
    expect(chart(['remarkably', 'b'], panel([[0], [1]]))).to.contain('rotate(-45)');
  });

  it('leaves out names that have no room among many, and no values', () => {
    const names = Array.from({ length: 300 }, (_, step) => `w${step}`);
    const svg = chart(names, panel(names.map(() => [1, 0])));
    expect(cells(svg)[0]).to.have.length(600);
    expect(svg.match(/>w\d+</g)!.length).to.be.within(50, 150);
    expect(svg).to.contain('>w0<');
  });

  it('says so where there is nothing to draw', () => {
    expect(chart([], panel([])))
      .to.contain('no data')
      .and.not.to.match(/NaN|Infinity/);
  });

  it('refuses columns without names, and columns of different lengths', () => {
    expect(() => chart(['a'], panel([[1], [1]])))
      .to.throw(RangeError, 'Title has 2 columns, expected one for each of 1 names')
      .with.property('code', 'ERR_ARGUMENT');
    expect(() => chart(['a', 'b'], panel([[1], [1, 2]])))
      .to.throw(RangeError, 'the columns of Title are not equally long')
      .with.property('code', 'ERR_ARGUMENT');
  });
});
