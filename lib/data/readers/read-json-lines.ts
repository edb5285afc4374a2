import { failure } from '../../errors.ts';
import { type Columns, type LabelledText, lazily, missingColumn } from './columns.ts';
import { type Encoding, readText } from './text-file.ts';

export interface JsonLinesOptions {
  /** Default 'utf8'. */
  readonly encoding?: Encoding;
}

/**
 * Objects of a file with one JSON object a line, streamed. With `text` and `label`, or `text`, these fields alone, under
 * these names: a text must be a string; a label may be a number or boolean, and becomes a string.
 * Nothing is opened before iteration, and each iteration reads the file anew.
 * Iterating throws ERR_FILE for files that cannot be read, ERR_DATA, naming the line, for what is no JSON or misses a field.
 */
export function readJsonLines(
  path: string,
  options: JsonLinesOptions & Columns<LabelledText>,
): AsyncIterable<LabelledText>;
export function readJsonLines(
  path: string,
  options: JsonLinesOptions & Columns<{ text: string }>,
): AsyncIterable<{ text: string }>;
export function readJsonLines(path: string, options?: JsonLinesOptions): AsyncIterable<Record<string, unknown>>;
export function readJsonLines(
  path: string,
  { encoding = 'utf8', text, label }: JsonLinesOptions & Partial<Columns<LabelledText>> = {},
): AsyncIterable<Record<string, unknown>> {
  return lazily(async function* () {
    let rows = 0;
    for await (const { number, line } of readLines(path, encoding)) {
      if (line.trim() === '') continue;
      rows++;
      const where = `${path}, line ${number}`;
      const row = parseObject(line, where);
      if (text === undefined) yield row;
      else if (label === undefined) yield { text: textOf(row, text, where) };
      else yield { text: textOf(row, text, where), label: labelOf(row, label, where) };
    }
    if (rows === 0) throw failure('ERR_DATA', `${path}: the file is empty`);
  });
}

/** Lines of a file, numbered from 1. They end at \n alone: texts may hold other characters that Unicode takes for line ends. */
async function* readLines(path: string, encoding: Encoding): AsyncGenerator<{ number: number; line: string }> {
  let number = 0;
  let rest = '';
  for await (const piece of readText(path, encoding)) {
    let start = 0;
    for (let end = piece.indexOf('\n'); end >= 0; end = piece.indexOf('\n', start)) {
      yield { number: ++number, line: rest + piece.slice(start, end) };
      rest = '';
      start = end + 1;
    }
    rest += piece.slice(start);
  }
  if (rest !== '') yield { number: ++number, line: rest };
}

function parseObject(line: string, where: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw failure('ERR_DATA', `${where}: is not JSON: ${(error as Error).message}`, error);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw failure('ERR_DATA', `${where}: expected a JSON object, got ${line.slice(0, 40)}`);
  return value as Record<string, unknown>;
}

function textOf(row: Record<string, unknown>, column: string, where: string): string {
  const value = fieldOf(row, column, where);
  if (typeof value === 'string') return value;
  throw failure('ERR_DATA', `${where}: ${column} must be a text, got ${JSON.stringify(value)}`);
}

function labelOf(row: Record<string, unknown>, column: string, where: string): string {
  const value = fieldOf(row, column, where);
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw failure('ERR_DATA', `${where}: ${column} must be a text, number or boolean, got ${JSON.stringify(value)}`);
}

function fieldOf(row: Record<string, unknown>, column: string, where: string): unknown {
  if (!Object.hasOwn(row, column)) throw missingColumn(where, column, Object.keys(row));
  return row[column];
}
