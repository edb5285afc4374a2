import { rangeError } from '../../errors.ts';
import type { Columns, LabelledText } from './columns.ts';
import { readCsv, readTsv } from './read-csv.ts';
import { readJsonLines } from './read-json-lines.ts';
import type { Encoding } from './text-file.ts';

const readers = { csv: readCsv, tsv: readTsv, jsonl: readJsonLines } as const;

export interface TextRowsOptions {
  /** Default 'utf8'. */
  readonly encoding?: Encoding;
}

/**
 * Texts, with or without labels, of a file in the format that its name ends in: .csv, .tsv or .jsonl, each also with .gz.
 * @throws ERR_ARGUMENT for any other name; iterating throws what the readers do
 */
export function readTextRows(
  path: string,
  options: TextRowsOptions & Columns<LabelledText>,
): AsyncIterable<LabelledText>;
export function readTextRows(
  path: string,
  options: TextRowsOptions & Columns<{ text: string }>,
): AsyncIterable<{ text: string }>;
export function readTextRows(
  path: string,
  { text, label, encoding = 'utf8' }: TextRowsOptions & Columns<{ text: string }> & { readonly label?: string },
): AsyncIterable<{ text: string }> {
  const format = /\.(csv|tsv|jsonl)(\.gz)?$/i.exec(path)?.[1]?.toLowerCase();
  if (format === undefined)
    throw rangeError('ERR_ARGUMENT', `${path}: expected a name that ends in .csv, .tsv or .jsonl, with or without .gz`);
  const read = readers[format as keyof typeof readers];
  return label === undefined ? read(path, { text, encoding }) : read(path, { text, label, encoding });
}
