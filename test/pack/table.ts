import { consumers } from './consumers.ts';
import { rows } from './platforms.ts';

/** The tables in README.md: what `npm run pack:check` has to find; one cell that fails makes it fail. */
export function tables(): string {
  return [
    table(
      ['platform', 'libc', 'Node', 'computes', ''],
      rows.map(({ platform, libc, node, computes, launch }) => [
        ...[platform, libc, node.join(', '), computes.join(', ')],
        typeof launch === 'string' ? `not run here: ${launch}` : 'passed',
      ]),
    ),
    table(
      ['use', ''],
      consumers.map(({ name }) => [name, 'passed']),
    ),
  ].join('\n\n');
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  return [heads, heads.map(() => '---'), ...rows]
    .map(line => `| ${line.join(' | ')} |`.replace(/ {2,}/g, ' '))
    .join('\n');
}
