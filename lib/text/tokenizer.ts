import { rangeError } from '../errors.ts';
import { type Segmentation, segmenter } from './segmentation.ts';

/** Ids that stand for no token of the text. */
export const reservedIds = { pad: 0, start: 1, unknown: 2 } as const;

/** Plain data: all that a tokenizer is. */
export interface TokenizerData {
  readonly segmentation: Segmentation;
  readonly lowercase: boolean;
  /** In the order of their ids. */
  readonly tokens: readonly string[];
  /** Id of the first token. */
  readonly firstId: number;
  /** Ids are below it: tokens beyond are unknown. Absent: all have ids. */
  readonly maxIds?: number;
  /** Whether every text begins with the start id. */
  readonly start: boolean;
  /**
   * Which tokens are left out of a text instead of becoming the unknown id: 'none'; those 'unseen' while the tokenizer was
   * made; or every 'unknown' one, the known ones beyond `maxIds` too.
   */
  readonly drop: 'none' | 'unseen' | 'unknown';
}

/** Turns text into ids and back. Made by `wordTokenizer`, `characterTokenizer`, `wordTokenizerFromIndex`; never changes. */
export class Tokenizer {
  readonly data: TokenizerData;
  readonly #ids: ReadonlyMap<string, number>;
  readonly #cut: (text: string) => Iterable<string>;

  /** @throws ERR_ARGUMENT where ids of tokens and reserved ids collide */
  constructor(data: TokenizerData) {
    const { firstId, maxIds, tokens, start, drop, segmentation } = data;
    const reserved = drop !== 'unknown' ? reservedIds.unknown : start ? reservedIds.start : reservedIds.pad;
    if (!Number.isInteger(firstId) || firstId <= reserved)
      throw rangeError(
        'ERR_ARGUMENT',
        `tokenizer: the first id must be a whole number of at least ${reserved + 1}, the ids below being reserved; got ${firstId}`,
      );
    if (maxIds !== undefined && (!Number.isInteger(maxIds) || maxIds <= firstId))
      throw rangeError(
        'ERR_ARGUMENT',
        `tokenizer: maxWords must be a whole number above ${firstId}, the id of the first word; got ${maxIds}`,
      );
    // Where unseen and rare tokens are treated alike, the rare ones need not be remembered.
    const kept = maxIds === undefined || drop === 'unseen' ? tokens : tokens.slice(0, maxIds - firstId);
    this.data = { ...data, tokens: kept };
    this.#ids = new Map(kept.map((token, index) => [token, firstId + index]));
    this.#cut = segmenter(segmentation);
  }

  /** Ids are below it: the rows of an embedding. */
  get vocabulary(): number {
    const { maxIds, firstId, tokens } = this.data;
    return maxIds ?? firstId + tokens.length;
  }

  /** The id of a token; undefined for one that has none of its own. */
  idOf(token: string): number | undefined {
    const id = this.#ids.get(token);
    return id !== undefined && id < this.vocabulary ? id : undefined;
  }

  encode(text: string): Int32Array {
    const { lowercase, start, drop } = this.data;
    const { vocabulary } = this;
    const ids: number[] = start ? [reservedIds.start] : [];
    for (const token of this.#cut(lowercase ? text.toLowerCase() : text)) {
      const id = this.#ids.get(token);
      if (id !== undefined && id < vocabulary) ids.push(id);
      else if (drop === 'none' || (drop === 'unseen' && id !== undefined)) ids.push(reservedIds.unknown);
    }
    return Int32Array.from(ids);
  }

  /** The text as far as ids tell it: words joined by spaces; `[unknown]` for the unknown id, nothing for padding and start. */
  decode(ids: Iterable<number>): string {
    const { tokens, firstId, drop, segmentation } = this.data;
    const words: string[] = [];
    for (const id of ids) {
      const token = tokens[id - firstId];
      if (token !== undefined) words.push(token);
      else if (id === reservedIds.unknown && drop !== 'unknown') words.push('[unknown]');
      else if (id !== reservedIds.pad && id !== reservedIds.start)
        throw rangeError('ERR_INDEX', `decode: the id ${id} is not in the vocabulary of ${this.vocabulary}`);
    }
    return words.join(segmentation.by === 'characters' || segmentation.by === 'graphemes' ? '' : ' ');
  }

  /** What `new Tokenizer` takes. */
  toJSON(): TokenizerData {
    return this.data;
  }
}
