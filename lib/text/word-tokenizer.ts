import { rangeError } from '../errors.ts';
import { rankTokens } from './rank-tokens.ts';
import { kerasSeparators, type Segmentation, segmenter } from './segmentation.ts';
import { Tokenizer, type TokenizerData } from './tokenizer.ts';

export interface WordTokenizerOptions {
  /** Ids are below it, reserved ids included: Keras's num_words. Rarer words become the unknown id 2. Default: no limit. */
  readonly maxWords?: number | undefined;
  /** Id of the most frequent word. Default 3, after the reserved ids pad 0, start 1, unknown 2; Keras's IMDB loader has 4. */
  readonly firstWordId?: number;
  /** Default true. */
  readonly lowercase?: boolean;
  /**
   * 'separators' (the default) cuts at `separators`, as Keras; 'unicode' by the word rules of Unicode, which also know
   * scripts without spaces and leave out all punctuation, some twenty times slower.
   */
  readonly split?: 'separators' | 'unicode';
  /** Characters that stand between words. Default: Keras's filters, which leave the apostrophe in its word. */
  readonly separators?: string;
  /** Language of the text for `split: 'unicode'`. Default 'und', undetermined. */
  readonly locale?: string;
  /** Begins every text with id 1. Default false. */
  readonly start?: boolean;
  /** Words to leave out instead of giving them id 2: those 'unseen' in the texts (Keras's IMDB), or every 'unknown' one. */
  readonly drop?: TokenizerData['drop'];
}

/** Learns the words of texts: ids by frequency, the most frequent word first, ties by first seen. Keeps the event loop free. */
export async function wordTokenizer(
  texts: Iterable<string> | AsyncIterable<string>,
  options: WordTokenizerOptions = {},
): Promise<Tokenizer> {
  const data = describe(options);
  const cut = segmenter(data.segmentation);
  return new Tokenizer({
    ...data,
    tokens: await rankTokens(texts, text => cut(data.lowercase ? text.toLowerCase() : text)),
  });
}

/** A tokenizer from a table of ranks from 1 without gaps, as Keras's `word_index`. @throws ERR_DATA for other ranks */
export function wordTokenizerFromIndex(
  index: ReadonlyMap<string, number> | Readonly<Record<string, number>>,
  options: WordTokenizerOptions = {},
): Tokenizer {
  const entries: [string, number][] = index instanceof Map ? [...index] : Object.entries(index);
  const tokens = new Array<string>(entries.length);
  for (const [word, rank] of entries) {
    if (!Number.isInteger(rank) || rank < 1 || rank > entries.length || tokens[rank - 1] !== undefined)
      throw rangeError(
        'ERR_DATA',
        `wordTokenizerFromIndex: ${word} has rank ${rank}; ${entries.length} words have the ranks 1 to ${entries.length}, each once`,
      );
    tokens[rank - 1] = word;
  }
  return new Tokenizer({ ...describe(options), tokens });
}

function describe(options: WordTokenizerOptions): TokenizerData {
  const { maxWords, firstWordId = 3, lowercase = true, start = false, drop = 'none' } = options;
  const { split = 'separators', separators = kerasSeparators, locale = 'und' } = options;
  const segmentation: Segmentation = split === 'unicode' ? { by: 'words', locale } : { by: 'separators', separators };
  const data = { segmentation, lowercase, firstId: firstWordId, start, drop, tokens: [] };
  return maxWords === undefined ? data : { ...data, maxIds: maxWords };
}
