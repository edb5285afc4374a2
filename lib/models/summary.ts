import type { Flow } from '../layers/layer.ts';
import type { Network } from './network.ts';

function describe({ kind, size }: Flow): string {
  if (kind === 'apart') return 'its parts';
  return kind === 'sequence' ? `[tokens, ${size}]` : `[batch, ${size}]`;
}

/** A table of layers with what each gives and how many numbers it learns. */
export function summary({ nodes }: Network): string {
  const rows = nodes.map(({ name, layer, from, built }) => ({
    layer: name,
    type: layer.type,
    reads: from.join(', '),
    gives: describe(built.output),
    parameters: built.parameters.reduce((sum, { size }) => sum + size, 0),
  }));
  const total = rows.reduce((sum, { parameters }) => sum + parameters, 0);
  const frozen = nodes.flatMap(({ built }) => built.parameters).reduce((sum, p) => sum + (p.trainable ? 0 : p.size), 0);
  const cells = [
    ['layer', 'type', 'reads', 'gives', 'parameters'],
    ...rows.map(row => [row.layer, row.type, row.reads, row.gives, row.parameters.toLocaleString('en')]),
  ];
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map(row => row[column]!.length)));
  const lines = cells.map(row =>
    row
      .map((cell, column) =>
        column === row.length - 1 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join('  '),
  );
  lines.splice(1, 0, '─'.repeat(lines[0]!.length));
  const note = frozen > 0 ? `, ${frozen.toLocaleString('en')} of them frozen` : '';
  return [...lines, `${total.toLocaleString('en')} parameters${note}`].join('\n');
}
