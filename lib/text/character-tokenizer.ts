import { rankTokens } from './rank-tokens.ts';
import { type Segmentation, segmenter } from './segmentation.ts';
import { Tokenizer } from './tokenizer.ts';

export interface CharacterTokenizerOptions {
  /** 'character' is a code point; 'grapheme' what readers take for one, with its accents. Default 'character'. */
  readonly unit?: 'character' | 'grapheme';
  /** Ids are below it, the reserved ids pad 0, start 1 and unknown 2 included. Default: no limit. */
  readonly maxCharacters?: number;
  /** Default false. */
  readonly lowercase?: boolean;
  /** Begins every text with id 1. Default false. */
  readonly start?: boolean;
}

/** Learns the characters of texts: ids from 3 by frequency, ties by first seen. Keeps the event loop free. */
export async function characterTokenizer(
  texts: Iterable<string> | AsyncIterable<string>,
  options: CharacterTokenizerOptions = {},
): Promise<Tokenizer> {
  const { unit = 'character', maxCharacters, lowercase = false, start = false } = options;
  const segmentation: Segmentation = { by: unit === 'grapheme' ? 'graphemes' : 'characters' };
  const cut = segmenter(segmentation);
  const tokens = await rankTokens(texts, text => cut(lowercase ? text.toLowerCase() : text));
  const data = { segmentation, lowercase, tokens, firstId: 3, start, drop: 'none' } as const;
  return new Tokenizer(maxCharacters === undefined ? data : { ...data, maxIds: maxCharacters });
}
