import { rangeError } from '../errors.ts';
import { type Drawing, fit, ink, line, picture, round, text, textWidth } from './svg.ts';
import { scaleOver } from './ticks.ts';

export interface HeatMapPanel {
  readonly title: string;
  /** By column, as many as there are; each from top to bottom. What is not finite is grey. */
  readonly values: readonly ArrayLike<number>[];
  /** 'share': from 0, white, to 1, dark blue. 'signed': from orange over white at 0 to blue, as far as the values go. */
  readonly scale: 'share' | 'signed';
}

/** Panels one below the other over the same columns. */
export interface HeatMap {
  /** Their names, from left to right. */
  readonly columns: readonly string[];
  readonly xLabel: string;
  /** What the rows are, numbered from 0. */
  readonly yLabel: string;
  readonly panels: readonly HeatMapPanel[];
}

type Rgb = readonly [number, number, number];

const white: Rgb = [255, 255, 255];
const orange: Rgb = [213, 94, 0];
const blue: Rgb = [0, 114, 178];
const night: Rgb = [0, 32, 60];
/** Colours from the least value to the greatest, evenly apart. */
const ramps: Readonly<Record<HeatMapPanel['scale'], readonly Rgb[]>> = {
  share: [white, [96, 170, 214], blue, night],
  signed: [[110, 44, 0], orange, white, blue, night],
};
const missing = '#bbbbbb';
/** Shades of a ramp. */
const shades = 64;

const margin = { left: 66, top: 34, bottom: 12 };
const bar = { gap: 14, width: 12, labels: 54 };
const leastWidth = 320;
const labelSize = 11;
const longestLabel = 86;

/** Values as colours, each column a step, with a bar that says which colour is how much. SVG. @throws ERR_ARGUMENT */
export function heatMap(chart: HeatMap): string {
  return picture(drawHeatMap(chart));
}

/** @throws ERR_ARGUMENT for a panel with more columns than have names, or fewer, or with columns of different lengths */
export function drawHeatMap({ columns, xLabel, yLabel, panels }: HeatMap): Drawing {
  for (const { title, values } of panels) {
    if (values.length !== columns.length)
      throw rangeError(
        'ERR_ARGUMENT',
        `heatMap: ${title} has ${values.length} columns, expected one for each of ${columns.length} names`,
      );
    if (values.some(({ length }) => length !== values[0]!.length))
      throw rangeError('ERR_ARGUMENT', `heatMap: the columns of ${title} are not equally long`);
  }
  const columnWidth = Math.min(48, Math.max(4, Math.floor(720 / Math.max(1, columns.length))));
  const plotWidth = columns.length * columnWidth;
  const width = margin.left + Math.max(plotWidth, leastWidth) + bar.gap + bar.width + bar.labels;
  let y = 0;
  const drawn = panels.map(panel => {
    const height = plotHeight(panel, panels.length);
    const group = `<g transform="translate(0 ${y})">\n${drawPanel(panel, { columnWidth, plotWidth, height, yLabel })}\n</g>`;
    y += margin.top + height + margin.bottom;
    return group;
  });
  const names = columnNames(columns, columnWidth);
  const words = [
    `<g transform="translate(${margin.left} ${y - margin.bottom})">\n${names.svg}\n</g>`,
    text(margin.left + plotWidth / 2, y + names.height + 12, xLabel, { size: 13, anchor: 'middle' }),
  ];
  return {
    title: panels.map(({ title }) => title).join(', '),
    width,
    height: y + names.height + 26,
    content: [...drawn, ...words].join('\n'),
  };
}

function rowsOf({ values }: HeatMapPanel): number {
  return values[0]?.length ?? 0;
}

/** Of the values alone: a lone panel has more room. */
function plotHeight(panel: HeatMapPanel, panels: number): number {
  const rows = Math.max(1, rowsOf(panel));
  return Math.ceil(rows * Math.min(18, Math.max(0.5, (panels === 1 ? 220 : 96) / rows)));
}

interface Plot {
  readonly columnWidth: number;
  readonly plotWidth: number;
  readonly height: number;
  readonly yLabel: string;
}

function drawPanel(panel: HeatMapPanel, { columnWidth, plotWidth, height, yLabel }: Plot): string {
  const { title, values, scale } = panel;
  const rows = rowsOf(panel);
  const [left, top] = [margin.left, margin.top];
  const most = scale === 'share' ? 1 : greatest(values);
  const least = scale === 'share' ? 0 : -most;
  const shade = (value: number) => Math.round(((value - least) / (most - least)) * (shades - 1));
  const rowHeight = height / Math.max(1, rows);
  const yAt = (row: number) => round(top + (row + 0.5) * rowHeight + 4);
  const ticks = scaleOver([0, Math.max(0, rows - 1)], 3, { whole: true }).ticks.filter(row => row >= 0 && row < rows);
  return [
    text(left, top - 10, fit(title, 13, Math.max(plotWidth, leastWidth)), { size: 13, bold: true }),
    ...(rows === 0 ? [text(left, top + height / 2 + 4, 'no data', { size: 13 })] : []),
    `<g transform="translate(${left} ${top})" shape-rendering="crispEdges">`,
    ...cells(values, { columnWidth, rowHeight, colourOf: value => rampColour(scale, shade(value)) }),
    '</g>',
    `<rect x="${left}" y="${top}" width="${plotWidth}" height="${height}" fill="none" stroke="${ink}"/>`,
    ...ticks.map(row => text(left - 8, yAt(row), `${row}`, { size: labelSize, anchor: 'end' })),
    `<g transform="translate(22 ${round(top + height / 2)}) rotate(-90)">${text(0, 0, fit(yLabel, 13, height), { size: 13, anchor: 'middle' })}</g>`,
    ...colourBar(scale, { x: left + plotWidth + bar.gap, top, height, least, most }),
  ].join('\n');
}

/** The largest magnitude there is, 1 where there is none. */
function greatest(values: readonly ArrayLike<number>[]): number {
  let most = 0;
  for (const column of values)
    for (const value of Array.from(column)) if (Number.isFinite(value)) most = Math.max(most, Math.abs(value));
  return most || 1;
}

/** A path for each colour that occurs: its cells. */
function cells(
  values: readonly ArrayLike<number>[],
  { columnWidth, rowHeight, colourOf }: { columnWidth: number; rowHeight: number; colourOf: (value: number) => string },
): string[] {
  const paths = new Map<string, string[]>();
  for (const [column, each] of values.entries())
    for (const [row, value] of Array.from(each).entries()) {
      const colour = Number.isFinite(value) ? colourOf(value) : missing;
      const path = paths.get(colour) ?? [];
      paths.set(colour, path);
      const [y, next] = [round(row * rowHeight), round((row + 1) * rowHeight)];
      path.push(`M${column * columnWidth} ${y}h${columnWidth}v${round(next - y)}h-${columnWidth}z`);
    }
  return [...paths].map(([colour, path]) => `<path fill="${colour}" d="${path.join('')}"/>`);
}

function rampColour(scale: HeatMapPanel['scale'], shade: number): string {
  const ramp = ramps[scale];
  const at = (Math.min(shades - 1, Math.max(0, shade)) / (shades - 1)) * (ramp.length - 1);
  const [from, to] = [ramp[Math.floor(at)]!, ramp[Math.ceil(at)]!];
  const part = at - Math.floor(at);
  const mixed = from.map((channel, index) => Math.round(channel + part * (to[index]! - channel)));
  return `#${mixed.map(channel => channel.toString(16).padStart(2, '0')).join('')}`;
}

function colourBar(
  scale: HeatMapPanel['scale'],
  { x, top, height, least, most }: { x: number; top: number; height: number; least: number; most: number },
): string[] {
  const edge = (shade: number) => round(top + height * (1 - shade / shades));
  const steps = Array.from({ length: shades }, (_, shade) => {
    const [y, next] = [edge(shade + 1), edge(shade)];
    return `<path fill="${rampColour(scale, shade)}" d="M${x} ${y}h${bar.width}V${next}h-${bar.width}z"/>`;
  });
  const marks = [least, (least + most) / 2, most].map((value, index) => {
    const y = round(top + height * (1 - index / 2));
    return [
      line(x + bar.width, y, x + bar.width + 4, y, ink),
      text(x + bar.width + 8, y + 4, label(value), { size: labelSize }),
    ].join('\n');
  });
  return [
    '<g shape-rendering="crispEdges">',
    ...steps,
    '</g>',
    `<rect x="${x}" y="${top}" width="${bar.width}" height="${height}" fill="none" stroke="${ink}"/>`,
    ...marks,
  ];
}

function label(value: number): string {
  const digits = Number(value.toPrecision(2));
  return Math.abs(digits) >= 1e4 ? digits.toExponential() : `${digits}`.replace('-', '−');
}

/** Names beneath their columns, turned where they are wider; as many as there is room for. */
function columnNames(columns: readonly string[], columnWidth: number): { svg: string; height: number } {
  const shown = columns.map(name => fit(name, labelSize, longestLabel));
  const widest = Math.max(0, ...shown.map(name => textWidth(name, labelSize)));
  const turned = widest > columnWidth;
  const every = Math.ceil((labelSize + 4) / columnWidth);
  const drawn = shown.map((name, column) => {
    if (column % every > 0) return '';
    const x = round((column + 0.5) * columnWidth);
    if (!turned) return text(x, 16, name, { size: labelSize, anchor: 'middle' });
    return `<g transform="translate(${x + 3} 13) rotate(-45)">${text(0, 0, name, { size: labelSize, anchor: 'end' })}</g>`;
  });
  return {
    svg: drawn.filter(name => name !== '').join('\n'),
    height: turned ? Math.ceil(widest * Math.SQRT1_2) + 8 : 14,
  };
}
