import { rangeError } from '../errors.ts';
import type { Flow } from '../layers/layer.ts';
import type { Network } from '../models/network.ts';
import type { Direction } from '../ops/recurrent.ts';
import { fit, ink, picture, round, text, textWidth } from '../plots/svg.ts';
import { type Edge, type Row, rowsOf } from './rows.ts';

export interface UnrolledOptions {
  /** How many steps are drawn, the last one behind an ellipsis; 0: the network folded, each state a loop. Default 3. */
  readonly steps?: number;
}

const box = { width: 68, height: 36 };
const rowPitch = 82;
/** Between boxes: room for the arrow of states, and beneath it for lines that pass a row by. */
const gap = 58;
const lanePitch = 9;
const ellipsis = 74;
const margin = { left: 18, top: 22, right: 18, bottom: 22 };
const nameSize = 12;
const longestName = 200;
const blue = '#0072b2';
const grey = '#8a8a8a';

/**
 * Draws a network over time: a row for the input, for each layer, or direction of one, and for the output, from bottom to top; in each
 * row a box per step, and arrows for what is read, and for the states that go from step to step. SVG.
 * @throws ERR_ARGUMENT for a number of steps that cannot be drawn
 */
export function unrolled({ network }: { readonly network: Network }, { steps = 3 }: UnrolledOptions = {}): string {
  if (!Number.isInteger(steps) || steps < 0 || steps === 1)
    throw rangeError(
      'ERR_ARGUMENT',
      `unrolled: steps must be 0 (folded) or a whole number of at least 2, got ${steps}`,
    );
  const { rows, edges } = rowsOf(network);
  const plan = new Plan(rows, edges, steps);
  const title = `${network.nodes.map(({ name }) => name).join(', ')}${plan.columns.length > 1 ? ', unrolled' : ''}`;
  const content = [
    ...edges.flatMap(edge => drawEdge(edge, plan)),
    ...rows.flatMap((row, index) => drawRow(row, index, plan)),
  ];
  return picture({ title, width: plan.width, height: plan.height, content: content.join('\n') });
}

/** Where everything stands. */
class Plan {
  readonly rows: readonly Row[];
  readonly folded: boolean;
  readonly width: number;
  readonly height: number;
  /** Middles of the boxes of each step. */
  readonly columns: readonly number[];
  /** Edges that pass rows by or go to another column, each in a lane of its own. */
  private readonly lanes: readonly Edge[];

  constructor(rows: readonly Row[], edges: readonly Edge[], steps: number) {
    this.rows = rows;
    this.folded = steps === 0;
    const timeless = !rows.some(({ stepwise }) => stepwise);
    const count = this.folded || timeless ? 1 : steps;
    this.lanes = edges.filter(({ from, to, at }) => to > from + 1 || (at === 'first' && count > 1));
    const names = rows.flatMap(row => [fit(row.name, nameSize, longestName), describe(row)]);
    const left = margin.left + Math.max(...names.map(name => textWidth(name, nameSize))) + 12;
    const pitch = box.width + gap + this.lanes.length * lanePitch;
    const first = left + gap + box.width / 2;
    this.columns = Array.from(
      { length: count },
      (_, column) => first + column * pitch + (column > 0 && column === count - 1 ? ellipsis : 0),
    );
    this.width = Math.ceil(this.columns.at(-1)! + pitch - box.width / 2) + margin.right;
    this.height = margin.top + rows.length * rowPitch + margin.bottom - (rowPitch - box.height);
  }

  /** The middle of a row's boxes. */
  y(row: number): number {
    return margin.top + (this.rows.length - 1 - row) * rowPitch + box.height / 2;
  }

  /** The columns where a row has boxes. */
  columnsOf(row: number): number[] {
    return this.rows[row]!.stepwise ? [...this.columns.keys()] : [this.columns.length - 1];
  }

  /** How far right of a column's middle an edge goes up and, in the box that it enters, ends; undefined: straight up. */
  lane(edge: Edge): { readonly x: number; readonly into: number } | undefined {
    const at = this.lanes.indexOf(edge);
    if (at < 0) return undefined;
    const before = this.lanes.slice(0, at).filter(({ to }) => to === edge.to).length;
    return { x: box.width / 2 + 10 + at * lanePitch, into: Math.min(30, 10 + before * 7) };
  }

  /** How far states come from to the first step that is read: past all lanes, where that is the last one. */
  reach(direction: Direction): number {
    return 40 + (direction === 'backward' ? this.lanes.length * lanePitch : 0);
  }

  /** What a step is called: the first ones by number, the last T. */
  nameOf(column: number): string {
    if (this.folded) return 't';
    return column === this.columns.length - 1 ? 'T' : `${column + 1}`;
  }
}

function describe({ gives, recurrence }: Row): string {
  const reads = recurrence?.direction === 'backward' ? ', from the end' : '';
  return `${sizeOf(gives)}${reads}`;
}

function sizeOf({ kind, size }: Flow): string {
  if (kind === 'ids') return 'token ids';
  if (kind === 'apart') return 'its parts';
  return `${size} feature${size === 1 ? '' : 's'}`;
}

function drawRow(row: Row, index: number, plan: Plan): string[] {
  const y = plan.y(index);
  const columns = plan.columnsOf(index);
  const boxes = columns.map(column => drawBox(row, plan.columns[column]!, y, row.stepwise ? plan.nameOf(column) : ''));
  const more =
    columns.length > 1 && !row.recurrence ? [text(midway(plan), y + 4, '…', { size: 18, anchor: 'middle' })] : [];
  return [
    text(margin.left, y - 2, fit(row.name, nameSize, longestName), { size: nameSize, bold: true }),
    text(margin.left, y + 14, describe(row), { size: 11 }),
    ...boxes,
    ...more,
    ...(row.recurrence ? drawStates(row.recurrence, y, plan) : []),
  ];
}

/** Input and output are circles with a letter and its step, layers boxes with their type. */
function drawBox({ kind, type, recurrence }: Row, x: number, y: number, step: string): string {
  if (kind !== 'layer') {
    const letter = `<text x="${x}" y="${y + 5}" font-size="15" font-style="italic" fill="${ink}" text-anchor="middle">${type}${step && `<tspan font-size="11" dy="4">${step}</tspan>`}</text>`;
    return `<circle class="${kind}" cx="${x}" cy="${y}" r="${box.height / 2}" fill="white" stroke="${ink}"/>${letter}`;
  }
  const [fill, stroke] = recurrence ? ['#e3f0f8', blue] : ['#f4f4f4', grey];
  const word = text(x, y + 4, fit(type, 11, box.width + 2), { size: 11, anchor: 'middle' });
  return `<rect class="${recurrence ? 'cell' : 'layer'}" x="${x - box.width / 2}" y="${y - box.height / 2}" width="${box.width}" height="${box.height}" rx="6" fill="${fill}" stroke="${stroke}"/>${word}`;
}

function midway({ columns }: Plan): number {
  return (columns.at(-2)! + columns.at(-1)!) / 2;
}

/** Arrows from step to step, from what stands before the first; or a loop. */
function drawStates(
  { direction, states, startsFrom }: NonNullable<Row['recurrence']>,
  y: number,
  plan: Plan,
): string[] {
  const { columns } = plan;
  const word = states.join(', ');
  const half = box.width / 2;
  if (plan.folded) {
    const x = columns[0]! - half;
    const path = `M${x} ${y - 9}C${x - 40} ${y - 34} ${x - 40} ${y + 34} ${x - 7} ${y + 10}`;
    return [
      arrow('state', path, [x, y + 9], [7, -2], blue),
      text(x - 34, y + 4, fit(word, 11, 40), { size: 11, anchor: 'end' }),
    ];
  }
  const backward = direction === 'backward';
  const sign = backward ? -1 : 1;
  const along = (from: number, to: number) =>
    arrow('state', `M${from} ${y}H${to - sign * 6}`, [to, y], [sign, 0], blue);
  const label = (x: number, content: string) => text(x, y - 6, fit(content, 11, gap), { size: 11, anchor: 'middle' });
  const ordered = backward ? columns.toReversed() : columns;
  const start = ordered[0]! - sign * half;
  const begins = startsFrom.length > 0 ? startsFrom.join(', ') : states.map(state => `${state}₀`).join(', ');
  const reach = plan.reach(direction);
  const drawn = [along(start - sign * reach, start), label(start - sign * (reach - 14), begins)];
  for (const [index, x] of ordered.slice(1).entries()) {
    const [from, to] = [ordered[index]! + sign * half, x - sign * half];
    const isLong = Math.max(from, to) > columns.at(-1)! - half - 1;
    if (isLong) {
      const middle = midway(plan);
      drawn.push(along(from, middle - sign * 14), text(middle, y + 4, '…', { size: 18, anchor: 'middle' }));
      drawn.push(along(middle + sign * 14, to));
    } else drawn.push(along(from, to));
    drawn.push(label(Math.max(from, to) - gap / 2, word));
  }
  return drawn;
}

/** What a row reads of a lower one: straight up, or around what stands between. Boxes are drawn over where lines begin. */
function drawEdge(edge: Edge, plan: Plan): string[] {
  const lane = plan.lane(edge);
  const last = plan.columns.length - 1;
  const from = edge.at === 'each' ? plan.columnsOf(edge.from) : [edge.at === 'first' ? 0 : last];
  const [y, end] = [plan.y(edge.from), plan.y(edge.to) + box.height / 2];
  return from.map(column => {
    const [x, at] = [plan.columns[column]!, plan.columns[edge.at === 'each' ? column : last]!];
    if (lane === undefined) return arrow('read', `M${x} ${y}V${end + 6}`, [x, end], [0, -1], ink);
    const into = at + lane.into;
    // The output is round, and reads no more than two directions.
    const tip =
      plan.rows[edge.to]!.kind === 'output'
        ? round(end - box.height / 2 + Math.sqrt((box.height / 2) ** 2 - lane.into ** 2))
        : end;
    const path = `M${x + 12} ${y}V${y - box.height / 2 - 12}H${at + lane.x}V${end + 26 - lane.into / 2}H${into}V${tip + 6}`;
    return arrow('read', path, [into, tip], [0, -1], grey);
  });
}

/** A line with a head whose tip points along a direction. */
function arrow(
  kind: 'read' | 'state',
  path: string,
  [x, y]: readonly [number, number],
  [dx, dy]: readonly [number, number],
  colour: string,
): string {
  const length = Math.hypot(dx, dy);
  const [ux, uy] = [dx / length, dy / length];
  const corner = (side: number) => `${round(x - 8 * ux - side * 4 * uy)} ${round(y - 8 * uy + side * 4 * ux)}`;
  return `<g class="${kind}"><path d="${path}" fill="none" stroke="${colour}" stroke-width="1.4" stroke-linejoin="round"/><path d="M${x} ${y}L${corner(1)}L${corner(-1)}z" fill="${colour}"/></g>`;
}
