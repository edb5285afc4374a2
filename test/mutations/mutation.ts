import { failure } from '../../lib/errors.ts';

/**
 * A small mistake, put into the code on purpose to see whether the tests notice. Text to find and to replace, rather than a
 * diff: it is readable beside its name, and it survives reformatting and changes elsewhere in the file.
 */
export interface Mutation {
  /** What would be wrong: 'lstm: the forget gate is ignored'. */
  readonly name: string;
  /** From the root of the project. */
  readonly file: string;
  /** Text that stands in the file exactly once, whatever white space is between its words. */
  readonly find: string;
  readonly replace: string;
}

/** A list of mutations and the tests that have to notice them. */
export interface Suite {
  readonly name: string;
  /** Test files, those that notice soonest first. */
  readonly tests: readonly string[];
  /** Whether the addon must be built again. */
  readonly native: boolean;
  /** A file without which its tests test nothing, and which is not made here: from the root of the project. */
  readonly requires?: string;
  readonly mutations: readonly Mutation[];
}

/** The text with the mistake in it. @throws ERR_DATA where `find` does not stand there exactly once */
export function mutate(text: string, { name, file, find, replace }: Mutation): string {
  const pattern = new RegExp(find.trim().split(/\s+/).map(literally).join('\\s+'), 'g');
  const count = [...text.matchAll(pattern)].length;
  if (count !== 1)
    throw failure(
      'ERR_DATA',
      `${name}: found ${count} times in ${file}, expected once: ${find}; update test/mutations`,
    );
  return text.replace(pattern, () => replace);
}

function literally(word: string): string {
  return word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
