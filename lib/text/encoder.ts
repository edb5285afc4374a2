import { rangeError } from '../errors.ts';
import { type Side, truncate } from './pad.ts';
import { Tokenizer, type TokenizerData } from './tokenizer.ts';

export interface EncoderOptions {
  readonly tokenizer: Tokenizer;
  /** Names of the classes, by class number. */
  readonly labels: readonly string[];
  /** Most ids that `encode` gives; absent: all. */
  readonly maxLength?: number | undefined;
  /** Where longer texts lose ids: 'front' keeps the last ones. Default 'front'. */
  readonly truncate?: Side;
}

/** Plain data, as a model file stores it. */
export interface EncoderData {
  readonly tokenizer: TokenizerData;
  readonly labels: readonly string[];
  readonly maxLength?: number;
  readonly truncate: Side;
}

/** Between people and a text classifier: ids of a text, the name of a class. */
export class Encoder {
  readonly tokenizer: Tokenizer;
  readonly labels: readonly string[];
  readonly maxLength: number | undefined;
  readonly truncate: Side;

  constructor({ tokenizer, labels, maxLength, truncate = 'front' }: EncoderOptions) {
    if (maxLength !== undefined && (!Number.isInteger(maxLength) || maxLength < 1))
      throw rangeError('ERR_ARGUMENT', `Encoder: maxLength must be a whole number of at least 1, got ${maxLength}`);
    if (truncate !== 'front' && truncate !== 'back')
      throw rangeError('ERR_ARGUMENT', `Encoder: truncate must be 'front' or 'back', got ${String(truncate)}`);
    this.tokenizer = tokenizer;
    this.labels = labels;
    this.maxLength = maxLength;
    this.truncate = truncate;
  }

  /** Rows of an embedding of the ids. */
  get vocabulary(): number {
    return this.tokenizer.vocabulary;
  }

  /** Ids of a text, at most `maxLength` of them. */
  encode(text: string): Int32Array {
    const ids = this.tokenizer.encode(text);
    return this.maxLength === undefined ? ids : truncate(ids, this.maxLength, this.truncate);
  }

  toJSON(): EncoderData {
    const { tokenizer, labels, maxLength, truncate } = this;
    return { tokenizer: tokenizer.toJSON(), labels, ...(maxLength === undefined ? {} : { maxLength }), truncate };
  }

  /** @throws ERR_FORMAT for data that `toJSON` did not give */
  static fromJSON({ tokenizer, labels, maxLength, truncate }: EncoderData): Encoder {
    for (const [name, list] of Object.entries({ labels, tokens: tokenizer?.tokens }))
      if (!Array.isArray(list) || list.some(value => typeof value !== 'string'))
        throw rangeError('ERR_FORMAT', `Encoder.fromJSON: ${name} must be an array of texts`);
    return new Encoder({ tokenizer: new Tokenizer(tokenizer), labels, maxLength, truncate });
  }
}
