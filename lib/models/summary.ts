import { rangeError } from '../errors.ts';
import { soleInput } from '../layers/input.ts';
import { type Flow, type LayerDescription, layerIn } from '../layers/layer.ts';
import { gatesOf } from '../ops/cell-options.ts';
import type { Network } from './network.ts';
import { letterOf, type Notation, notationNames } from './notation.ts';

export interface SummaryOptions {
  /** Whether each parameter is listed, with its shape and the gates that lie side by side in it. Default: where a notation is given. */
  readonly parameters?: boolean;
  /**
   * Lists beside the parameters what texts call them: 'UVW' (s = f(U·x + W·s₋), o = V·s), 'W_h' (W_x, W_h, W_y), 'W_aa' (W_ax, W_aa,
   * W_ya) or 'W_hh' (W_xh, W_hh, W_hy). Texts multiply from the left, so their matrices are the transposes of those listed.
   */
  readonly notation?: Notation;
}

function describe({ kind, size, layout = soleInput }: Flow): string {
  if (kind === 'apart') return 'its parts';
  if (kind === 'vector') return `[batch, ${size}]`;
  return layout === soleInput ? `[tokens, ${size}]` : `[tokens of ${layout}, ${size}]`;
}

/** The layer that a parameter is of, which may be inside of another: by the names from there to the parameter. */
function owner(layer: LayerDescription, [part, ...rest]: readonly string[]): LayerDescription {
  const inside = (part === 'backward' ? layerIn(layer, part) : undefined) ?? layerIn(layer, 'layer');
  return rest.length > 0 && inside ? owner(inside, rest) : layer;
}

/** The gates that lie side by side in a parameter. */
function gatesIn({ type, ...options }: LayerDescription, parameter: string): readonly string[] {
  const perGate = ['inputWeight', 'recurrentWeight', 'bias', 'recurrentBias'].includes(parameter);
  return perGate && (type === 'gru' || type === 'lstm') ? gatesOf(type, options) : [];
}

const grouped = (count: number) => count.toLocaleString('en');

/** Rows under their headings and a line, without columns that are empty; the last column, of numbers, to the right. */
function table(rows: readonly Readonly<Record<string, string>>[]): string[] {
  const headings = Object.keys(rows[0] ?? {}).filter(heading => rows.some(row => row[heading] !== ''));
  const cells = [headings, ...rows.map(row => headings.map(heading => row[heading]!))];
  const widths = headings.map((_, column) => Math.max(...cells.map(row => row[column]!.length)));
  const [head = '', ...lines] = cells.map(row =>
    row
      .map((cell, column) =>
        column === row.length - 1 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join('  '),
  );
  return [head, '─'.repeat(head.length), ...lines];
}

/** A table of layers with what each gives and how many numbers it learns, and, if asked for, one of parameters. */
export function summary(
  { nodes, flows, parameters: all }: Network,
  { notation, parameters = notation !== undefined }: SummaryOptions = {},
): string {
  if (notation !== undefined && !notationNames.includes(notation))
    throw rangeError(
      'ERR_ARGUMENT',
      `summary: notation must be one of ${notationNames.join(', ')}, got ${String(notation)}`,
    );
  const layers = nodes.map(({ name, layer, from, memory = [], parameters }) => ({
    layer: name,
    type: layer.type,
    reads: from.concat(memory).join(', '),
    gives: describe(flows.get(name)!),
    parameters: grouped(parameters.reduce((sum, { size }) => sum + size, 0)),
  }));
  const each = nodes.flatMap(({ name: of, layer, parameters }) =>
    parameters.map(({ name, shape, size }) => {
      const path = name.slice(of.length + 1).split('.');
      const [inside, own] = [owner(layer, path), path.at(-1)!];
      return {
        parameter: name,
        ...(notation ? { [notation]: letterOf(notation, inside.type, own) } : {}),
        gates: gatesIn(inside, own).join(' '),
        shape: `[${shape.join(', ')}]`,
        numbers: grouped(size),
      };
    }),
  );
  const total = all.reduce((sum, { size }) => sum + size, 0);
  const frozen = all.reduce((sum, { size, trainable }) => sum + (trainable ? 0 : size), 0);
  return [
    ...table(layers),
    ...(parameters && each.length > 0 ? ['', ...table(each), ''] : []),
    `${grouped(total)} parameters${frozen > 0 ? `, ${grouped(frozen)} of them frozen` : ''}`,
  ].join('\n');
}
