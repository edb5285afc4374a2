import { rangeError } from '../errors.ts';

/** How text is cut into tokens. Plain data. */
export type Segmentation =
  /** What stands between separators: Keras's way. Each separator is one UTF-16 unit. */
  | { readonly by: 'separators'; readonly separators: string }
  /** Words by the rules of Unicode (UAX 29), which also know scripts without spaces; `locale` is a BCP 47 tag. */
  | { readonly by: 'words'; readonly locale: string }
  /** Code points. */
  | { readonly by: 'characters' }
  /** What readers take for one character, accents and emoji included (UAX 29). */
  | { readonly by: 'graphemes' };

/** Keras's default filters, and the space that it splits at; the apostrophe stays in its word. */
export const kerasSeparators = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n ';

/** A function that cuts text, token by token. @throws ERR_FORMAT for a segmentation that does not exist */
export function segmenter(segmentation: Segmentation): (text: string) => Iterable<string> {
  switch (segmentation.by) {
    case 'separators':
      return betweenSeparators(segmentation.separators);
    case 'words': {
      const words = new Intl.Segmenter(segmentation.locale, { granularity: 'word' });
      return text => wordsOf(words, text);
    }
    case 'characters':
      return text => text;
    case 'graphemes': {
      const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });
      return text => graphemesOf(graphemes, text);
    }
    default:
      throw rangeError(
        'ERR_FORMAT',
        `a segmentation is by separators, words, characters or graphemes, got ${JSON.stringify((segmentation as { by: unknown }).by)}`,
      );
  }
}

function betweenSeparators(separators: string): (text: string) => Iterable<string> {
  const separates = new Uint8Array(0x10000);
  for (let at = 0; at < separators.length; at++) separates[separators.charCodeAt(at)] = 1;
  return function* (text) {
    let start = 0;
    for (let at = 0; at < text.length; at++) {
      if (separates[text.charCodeAt(at)] === 0) continue;
      if (at > start) yield text.slice(start, at);
      start = at + 1;
    }
    if (start < text.length) yield text.slice(start);
  };
}

function* wordsOf(segmenter: Intl.Segmenter, text: string): Iterable<string> {
  for (const { segment, isWordLike } of segmenter.segment(text)) if (isWordLike) yield segment;
}

function* graphemesOf(segmenter: Intl.Segmenter, text: string): Iterable<string> {
  for (const { segment } of segmenter.segment(text)) yield segment;
}
