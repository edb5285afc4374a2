import { pipeline, Readable } from 'node:stream';
import type { CsvError } from 'csv-parse';
import { failure } from '../../errors.ts';
import { type Columns, type LabelledText, lazily, missingColumn } from './columns.ts';
import { type Encoding, readText } from './text-file.ts';

export interface CsvOptions {
  /** Default 'utf8'. */
  readonly encoding?: Encoding;
  /** Default: a comma for CSV, a tab for TSV. */
  readonly delimiter?: string;
  /** Around fields that hold delimiters or line breaks; doubled inside. Default: '"' for CSV, false (no quoting) for TSV. */
  readonly quote?: string | false;
  /** Names of the columns of a file that has no header line. Default: the first line names them. */
  readonly columns?: readonly string[];
}

const longestRecord = 2 ** 24;

/**
 * Rows of a CSV file by column name, streamed; every value is a string. With `text` and `label`, or `text`, these columns
 * alone, under these names. Nothing is opened before iteration, and each iteration reads the file anew.
 * Iterating throws ERR_FILE for files that cannot be read, ERR_DATA for those that are empty, miss a column or are no CSV.
 */
export function readCsv(path: string, options: CsvOptions & Columns<LabelledText>): AsyncIterable<LabelledText>;
export function readCsv(path: string, options: CsvOptions & Columns<{ text: string }>): AsyncIterable<{ text: string }>;
export function readCsv(path: string, options?: CsvOptions): AsyncIterable<Record<string, string>>;
export function readCsv(
  path: string,
  { text, label, ...options }: CsvOptions & Partial<Columns<LabelledText>> = {},
): AsyncIterable<Record<string, string>> {
  const table: Table = { delimiter: ',', quote: '"', encoding: 'utf8', columns: undefined, ...options };
  const wanted = Object.entries({ text, label }).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return lazily(() => readRecords(path, table, wanted));
}

/** Rows of a file with tabs between values: as `readCsv`, but without quoting. */
export function readTsv(path: string, options: CsvOptions & Columns<LabelledText>): AsyncIterable<LabelledText>;
export function readTsv(path: string, options: CsvOptions & Columns<{ text: string }>): AsyncIterable<{ text: string }>;
export function readTsv(path: string, options?: CsvOptions): AsyncIterable<Record<string, string>>;
export function readTsv(
  path: string,
  options: CsvOptions & Partial<Columns<LabelledText>> = {},
): AsyncIterable<Record<string, string>> {
  return readCsv(path, { delimiter: '\t', quote: false, ...options });
}

interface Table {
  readonly encoding: Encoding;
  readonly delimiter: string;
  readonly quote: string | false;
  readonly columns: readonly string[] | undefined;
}

/** @param wanted names in the result and the columns they come from; none for all columns */
async function* readRecords(
  path: string,
  table: Table,
  wanted: readonly (readonly [string, string])[],
): AsyncGenerator<Record<string, string>, void, undefined> {
  let places: (readonly [string, number])[] | undefined;
  for await (const values of readLines(path, table))
    if (places) yield Object.fromEntries(places.map(([name, at]) => [name, values[at]!]));
    else if (wanted.length === 0) places = values.map((column, at) => [column, at]);
    else places = wanted.map(([name, column]) => [name, indexOf(column, values, path)]);
}

/** The names of the columns, then the values of each row. */
async function* readLines(path: string, table: Table): AsyncGenerator<string[], void, undefined> {
  const { encoding, delimiter, quote, columns } = table;
  const { CsvError, parse } = await import('csv-parse'); // takes longer to load than all of recurra
  const parser = parse({
    delimiter,
    quote,
    relax_quotes: true,
    record_delimiter: ['\r\n', '\n'],
    skip_empty_lines: true,
    max_record_size: longestRecord,
  });
  pipeline(Readable.from(readText(path, encoding)), parser, () => {}); // errors reach the loop through the parser
  let width = columns?.length;
  if (columns) yield [...columns];
  try {
    for await (const values of parser as AsyncIterable<string[]>) {
      width ??= values.length;
      if (values.length !== width)
        throw failure('ERR_DATA', `${path}: ${width} columns are named, but a row has ${values.length} values`);
      yield values;
    }
  } catch (error) {
    throw error instanceof CsvError ? explain(error, path, table) : error;
  }
  if (width === undefined) throw failure('ERR_DATA', `${path}: the file is empty`);
}

function indexOf(column: string, columns: readonly string[], path: string): number {
  const index = columns.indexOf(column);
  if (index < 0) throw missingColumn(path, column, columns);
  return index;
}

function explain(error: CsvError, path: string, { delimiter, quote }: Table): Error {
  const line = `${path}, line ${error.lines}`;
  const advice =
    quote === false ? '' : `; a value that holds ${name(delimiter)} or a line break must stand between ${quote}`;
  switch (error.code) {
    case 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH':
      return failure(
        'ERR_DATA',
        `${line}: ${(error.record as unknown[]).length} values, unlike the rows before${advice}`,
        error,
      );
    case 'CSV_QUOTE_NOT_CLOSED':
    case 'CSV_MAX_RECORD_SIZE':
      return failure('ERR_DATA', `${line}: a ${quote || 'row'} that opens before is never closed`, error);
    default:
      return failure('ERR_DATA', `${line}: ${error.message}`, error);
  }
}

function name(delimiter: string): string {
  return delimiter === '\t' ? 'a tab' : delimiter;
}
