import { rangeError } from '../errors.ts';
import { colour, type Drawing, faint, fit, ink, line, picture, round, text, textWidth } from './svg.ts';
import { type Scale, scaleOver } from './ticks.ts';

export interface Series {
  readonly name: string;
  readonly x: ArrayLike<number>;
  /** As many as `x`. What is not finite leaves a gap. */
  readonly y: ArrayLike<number>;
  /** Default false. */
  readonly dashed?: boolean;
}

export interface LineChart {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** Whether the y axis begins at 0, so that heights compare; default false, the range of the values. */
  readonly fromZero?: boolean;
  /** What the y axis holds beside the values, so that charts compare. Default: nothing. */
  readonly yHolds?: readonly number[];
  readonly series: readonly Series[];
}

const width = 480;
const plotHeight = 230;
const margin = { left: 66, right: 18, top: 40, bottom: 52 };
const plotWidth = width - margin.left - margin.right;
const legendSize = 12;
const legendLine = 18;

/** A picture of curves over a common pair of axes, as SVG. @throws ERR_ARGUMENT where a series has more x than y, or fewer */
export function lineChart(chart: LineChart): string {
  return chartsSideBySide([chart]);
}

/** Several charts of one height in one picture, as SVG. */
export function chartsSideBySide(charts: readonly LineChart[]): string {
  return picture(drawSideBySide(charts));
}

export function drawSideBySide(charts: readonly LineChart[]): Drawing {
  const legends = charts.map(({ series }) => legendOf(series));
  const top = margin.top + Math.max(...legends.map(({ lines }) => lines)) * legendLine;
  const panels = charts.map(
    (chart, index) =>
      `<g transform="translate(${index * width} 0)">\n${legends[index]!.svg}\n${panel(chart, top)}\n</g>`,
  );
  return {
    title: charts.map(({ title }) => title).join(', '),
    width: charts.length * width,
    height: top + plotHeight + margin.bottom,
    content: panels.join('\n'),
  };
}

/** Axes, curves and words of a chart whose plot begins at `top`. */
function panel({ title, xLabel, yLabel, fromZero = false, yHolds = [], series }: LineChart, top: number): string {
  for (const { name, x, y } of series)
    if (x.length !== y.length)
      throw rangeError('ERR_ARGUMENT', `lineChart: ${name} has ${x.length} x and ${y.length} y; expected as many`);

  const xs = series.flatMap(({ x, y }) => Array.from(x).filter((_, at) => Number.isFinite(y[at])));
  const xScale = scaleOver(xs, 6, { whole: xs.every(Number.isInteger) });
  const ys = [...yHolds, ...series.flatMap(({ y }) => Array.from(y))];
  const yScale = scaleOver(fromZero ? [0, ...ys] : ys, 5);
  const xAt = (x: number) => round(margin.left + share(x, xScale) * plotWidth);
  const yAt = (y: number) => round(top + (1 - share(y, yScale)) * plotHeight);

  const bottom = top + plotHeight;
  const right = margin.left + plotWidth;
  const axes = [line(margin.left, top, margin.left, bottom, ink), line(margin.left, bottom, right, bottom, ink)];
  const words = [
    text(margin.left, 24, fit(title, 15, plotWidth), { size: 15, bold: true }),
    text(margin.left + plotWidth / 2, bottom + 40, fit(xLabel, 13, plotWidth), { size: 13, anchor: 'middle' }),
    `<g transform="translate(17 ${round(top + plotHeight / 2)}) rotate(-90)">${text(0, 0, fit(yLabel, 13, plotHeight), { size: 13, anchor: 'middle' })}</g>`,
  ];
  if (xs.length === 0) {
    const notice = text(margin.left + plotWidth / 2, top + plotHeight / 2, 'no data', { size: 13, anchor: 'middle' });
    return [...axes, ...words, notice].join('\n');
  }
  const marks = [
    ...yScale.ticks.flatMap(tick => [
      line(margin.left, yAt(tick), right, yAt(tick), faint),
      text(margin.left - 8, yAt(tick) + 4, yScale.label(tick), { anchor: 'end' }),
    ]),
    ...xScale.ticks.flatMap(tick => [
      line(xAt(tick), bottom, xAt(tick), bottom + 5, ink),
      text(xAt(tick), bottom + 19, xScale.label(tick), { anchor: 'middle' }),
    ]),
  ];
  const curves = series.map((curve, index) => curveOf(curve, index, xAt, yAt));
  return [...marks, ...axes, ...curves, ...words].join('\n');
}

/** The names, in as many lines as they need. */
function legendOf(series: readonly Series[]): { svg: string; lines: number } {
  const swatch = 26;
  const parts: string[] = [];
  let x = 0;
  let lines = series.length > 0 ? 1 : 0;
  series.forEach(({ name, dashed }, index) => {
    const shown = fit(name, legendSize, plotWidth - swatch - 6);
    const needed = swatch + 6 + textWidth(shown, legendSize);
    if (x > 0 && x + needed > plotWidth) {
      x = 0;
      lines++;
    }
    const at = margin.left + x;
    const y = 38 + (lines - 1) * legendLine;
    parts.push(
      `<line x1="${at}" y1="${y}" x2="${at + swatch}" y2="${y}" ${stroke(index, dashed)}/>`,
      text(at + swatch + 6, y + 4, shown, { size: legendSize }),
    );
    x += needed + 14;
  });
  return { svg: parts.join('\n'), lines };
}

/** Lines between neighbouring points that exist; dots where there are few, so that a lone one shows. */
function curveOf(
  { x, y, dashed }: Series,
  index: number,
  xAt: (x: number) => number,
  yAt: (y: number) => number,
): string {
  const exists = (at: number) => Number.isFinite(x[at]) && Number.isFinite(y[at]);
  let path = '';
  const dots: string[] = [];
  for (let at = 0; at < x.length; at++) {
    if (!exists(at)) continue;
    const [px, py] = [xAt(x[at]!), yAt(y[at]!)];
    const lone = !exists(at - 1) && !exists(at + 1);
    path += `${exists(at - 1) ? 'L' : 'M'}${px} ${py}`;
    if (lone || x.length <= 30) dots.push(`<circle cx="${px}" cy="${py}" r="2.8" fill="${colour(index)}"/>`);
  }
  return [`<path d="${path}" fill="none" stroke-linejoin="round" ${stroke(index, dashed)}/>`, ...dots].join('\n');
}

function stroke(index: number, dashed = false): string {
  return `stroke="${colour(index)}" stroke-width="2"${dashed ? ' stroke-dasharray="6 4"' : ''}`;
}

function share(value: number, { low, high }: Scale): number {
  return (value - low) / (high - low);
}
