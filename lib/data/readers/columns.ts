import { failure } from '../../errors.ts';

/** A text and the name of its class. */
export type LabelledText = { readonly text: string; readonly label: string };

/** Which column of a file holds the text, and which the class. */
export type Columns<Row extends Partial<LabelledText>> = { readonly [name in keyof Row]: string };

/** What to say of a column that is not there. */
export function missingColumn(where: string, column: string, columns: readonly string[]): Error {
  return failure('ERR_DATA', `${where}: there is no column ${column}; there are ${columns.join(', ')}`);
}

/** An iterable that starts anew, here by opening the file, each time it is iterated. */
export function lazily<T>(start: () => AsyncGenerator<T, void, undefined>): AsyncIterable<T> {
  return { [Symbol.asyncIterator]: start };
}
