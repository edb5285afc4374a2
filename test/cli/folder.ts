import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Random } from '../../lib/random/random.ts';

/** A new folder that is gone after the suite it is made in. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'recurra-cli-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface Row {
  readonly body: string;
  readonly mood: string;
}

/** Rows sorted by label, each with one word that gives its label away among words that do not. */
export function tellingRows(labels: readonly string[], rowsPerLabel: number): Row[] {
  const random = new Random(5);
  return labels.flatMap(mood =>
    Array.from({ length: rowsPerLabel }, () => {
      const words = Array.from({ length: 2 + random.below(4) }, () => `word${random.below(9)}`);
      words.splice(random.below(words.length), 0, `tells-${mood}`);
      return { body: words.join(' '), mood };
    }),
  );
}

/** Writes rows in the format, and with the compression, that the file's name ends in. */
export function writeRows(path: string, rows: readonly Row[]): void {
  const columns = ['body', 'mood'] as const;
  const delimiter = path.includes('.tsv') ? '\t' : ',';
  const lines = path.includes('.jsonl')
    ? rows.map(row => JSON.stringify(row))
    : [columns, ...rows.map(row => columns.map(column => row[column]))].map(values => values.join(delimiter));
  const text = `${lines.join('\n')}\n`;
  writeFileSync(path, path.endsWith('.gz') ? gzipSync(text) : text);
}
