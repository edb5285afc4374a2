import { rangeError } from '../errors.ts';
import { colour, type Drawing, faint, fit, ink, line, picture, round, stacked, text, textWidth } from './svg.ts';
import { scaleOver } from './ticks.ts';

export interface Bar<Kind extends string = string> {
  readonly name: string;
  /** Not negative. */
  readonly value: number;
  /** Gives the bar its colour. */
  readonly kind: Kind;
  /** Share of the bar that is drawn in full colour, the rest being faint; more than 1 is all. Default 1. */
  readonly solid?: number | undefined;
  /** What is written at the end of the bar. */
  readonly note?: string | undefined;
}

export interface BarChart<Kind extends string = string> {
  readonly title: string;
  /** What the lengths are. */
  readonly label: string;
  /** In the order of their colours; the legend, one line, names those that some bar has. */
  readonly kinds: readonly Kind[];
  /** From top to bottom. */
  readonly bars: readonly Bar<NoInfer<Kind>>[];
}

const width = 720;
const margin = { left: 18, right: 18, top: 40, bottom: 52 };
const barHeight = 14;
const barPitch = 22;
const textSize = 12;
const longestName = 290;
const gap = 8;
const swatch = 12;
const legendLine = 18;
const plotTop = margin.top + legendLine + 6;

/** Horizontal bars from zero, charts one below the other, as SVG. @throws ERR_ARGUMENT for a length that cannot be drawn */
export function barChart<Kind extends string>(...charts: readonly BarChart<Kind>[]): string {
  return picture(stacked(charts.map(drawBars)));
}

export function drawBars(chart: BarChart): Drawing {
  const height = plotTop + chart.bars.length * barPitch + margin.bottom;
  return { title: chart.title, width, height, content: panel(chart) };
}

function panel({ title, label, kinds, bars }: BarChart): string {
  for (const { name, value } of bars)
    if (!(value >= 0 && Number.isFinite(value)))
      throw rangeError('ERR_ARGUMENT', `barChart: ${name} is ${value} long; expected a finite number from 0 up`);

  const names = bars.map(({ name }) => fit(name, textSize, longestName));
  const left = margin.left + widest(names) + gap;
  const right = width - margin.right - widest(bars.map(({ note = '' }) => note)) - gap;
  const bottom = plotTop + bars.length * barPitch;
  const { high, ticks, label: labelOf } = scaleOver([0, ...bars.map(({ value }) => value)], 5);
  const xAt = (value: number) => round(left + (value / high) * (right - left));

  const marks = ticks
    .filter(tick => tick >= 0)
    .flatMap(tick => [
      line(xAt(tick), plotTop, xAt(tick), bottom, faint),
      line(xAt(tick), bottom, xAt(tick), bottom + 5, ink),
      text(xAt(tick), bottom + 19, labelOf(tick), { anchor: 'middle' }),
    ]);
  const drawn = bars.map(({ value, kind, solid = 1, note }, index) => {
    const y = plotTop + index * barPitch + (barPitch - barHeight) / 2;
    const baseline = y + barHeight / 2 + 4;
    const bar = (length: number, attributes = '') =>
      `<rect x="${left}" y="${y}" width="${round(xAt(length) - left)}" height="${barHeight}" fill="${colour(kinds.indexOf(kind))}"${attributes}/>`;
    return [
      text(left - gap, baseline, names[index]!, { size: textSize, anchor: 'end' }),
      ...(solid < 1 ? [bar(value, ' fill-opacity="0.3"')] : []),
      bar(value * Math.min(1, solid)),
      ...(note ? [text(xAt(value) + gap, baseline, note, { size: textSize })] : []),
    ].join('\n');
  });
  const words = [
    text(margin.left, 24, fit(title, 15, width - margin.left - margin.right), { size: 15, bold: true }),
    text((left + right) / 2, bottom + 40, fit(label, 13, right - left), { size: 13, anchor: 'middle' }),
    ...(bars.length === 0 ? [text(width / 2, plotTop, 'no data', { size: 13, anchor: 'middle' })] : []),
  ];
  const shown = kinds.filter(kind => bars.some(bar => bar.kind === kind));
  const axes = [line(left, plotTop, left, bottom, ink), line(left, bottom, right, bottom, ink)];
  return [legendOf(shown, kinds), ...marks, ...drawn, ...axes, ...words].join('\n');
}

function legendOf(shown: readonly string[], kinds: readonly string[]): string {
  let x = margin.left;
  return shown
    .map(kind => {
      const at = x;
      x += swatch + 6 + textWidth(kind, textSize) + 14;
      return [
        `<rect x="${round(at)}" y="36" width="${swatch}" height="${swatch}" fill="${colour(kinds.indexOf(kind))}"/>`,
        text(at + swatch + 6, 46, kind, { size: textSize }),
      ].join('\n');
    })
    .join('\n');
}

function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map(content => textWidth(content, textSize)));
}
