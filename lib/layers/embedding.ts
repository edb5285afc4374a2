import { rangeError } from '../errors.ts';
import { add } from '../ops/add.ts';
import { dropout } from '../ops/dropout.ts';
import { fill } from '../ops/fill.ts';
import { gather } from '../ops/gather.ts';
import { multiply } from '../ops/multiply.ts';
import { positive } from '../ops/positive.ts';
import { reshape } from '../ops/reshape.ts';
import { scale } from '../ops/scale.ts';
import { slice } from '../ops/slice.ts';
import type { Recording } from '../program/recording.ts';
import type { Tensor } from '../program/tensor.ts';
import { checkInitializers, type Initializer, initializer } from './initializers.ts';
import { expectFlow, type Flow, type Layer, type LayerContext, rates, wholeNumbers } from './layer.ts';
import { Parameter } from './parameter.ts';

export interface EmbeddingOptions {
  /** Rows: ids run from 0 to vocabulary − 1. */
  readonly vocabulary: number;
  /** Features per token. */
  readonly size: number;
  /** An id whose row is read as it is and never learned. Default: none. */
  readonly paddingId?: number;
  /** The share of words dropped while training: in a step of training all their tokens are zeros. Default 0. Gal & Ghahramani 2016. */
  readonly dropout?: number;
  /** The share of tokens that are read as the unknown word while training. Default 0. Iyyer et al. 2015. */
  readonly wordDropout?: number;
  /** The id of the unknown word; `wordDropout` needs it. */
  readonly unknownId?: number;
  /** How the table starts. Default 'uniform', in (−0.05, 0.05) as in Keras. */
  readonly initializer?: Initializer;
  /** Default true. */
  readonly trainable?: boolean;
}

/** Token ids → learned vectors. */
export function embedding(options: EmbeddingOptions) {
  const { vocabulary, size, dropout = 0, wordDropout = 0, unknownId } = options;
  wholeNumbers('embedding', { vocabulary, size });
  checkInitializers('embedding', { initializer: options.initializer });
  rates('embedding', { dropout, wordDropout });
  if (wordDropout > 0 && !(Number.isInteger(unknownId) && unknownId! >= 0 && unknownId! < vocabulary))
    throw rangeError(
      'ERR_ARGUMENT',
      `embedding: wordDropout needs the unknownId of a word, from 0 to ${vocabulary - 1}, got ${unknownId}`,
    );
  return { type: 'embedding', ...options } as const;
}

export class Embedding implements Layer {
  /** [vocabulary, size] */
  readonly weight: Parameter;
  readonly parameters: readonly Parameter[];
  readonly output: Flow;
  readonly cuttable = true;
  private readonly options: EmbeddingOptions;
  private readonly masks: { seed: number; rows: number; tokens: number };

  constructor(options: EmbeddingOptions, { name, input, random, seed, nextMask }: LayerContext) {
    expectFlow(name, input, 'ids');
    const { vocabulary, size, dropout, wordDropout, initializer: start = 'uniform', trainable = true } = options;
    this.weight = new Parameter(`${name}.weight`, [vocabulary, size], initializer(start)(vocabulary, size, random));
    this.weight.trainable = trainable;
    this.parameters = [this.weight];
    this.output = { kind: 'sequence', size };
    this.options = options;
    this.masks = { seed, rows: dropout ? nextMask() : 0, tokens: wordDropout ? nextMask() : 0 };
  }

  /** ids int32 [tokens] → [tokens, size] */
  apply(ids: Tensor): Tensor {
    const table = this.weight.tensor(ids.recording);
    const kept = this.keptTokens(ids);
    const rows = this.read(table, ids, kept);
    const words = this.keptWords(ids.recording);
    return words ? multiply(rows, this.read(words, ids, kept)) : rows;
  }

  /** The rows of a table [vocabulary, …] that ids name, where they are kept, and elsewhere that of the unknown word. */
  private read(table: Tensor, ids: Tensor, kept: Tensor | undefined): Tensor {
    const { paddingId = -1, unknownId } = this.options;
    const rows = gather(table, ids, { ignore: paddingId });
    if (!kept) return rows;
    const unknown = slice(table, { axis: 0, start: unknownId!, stop: unknownId! + 1 });
    return add(multiply(kept, rows), multiply(scale(kept, -1, 1), unknown));
  }

  /** [tokens, 1]: 1 where a token is read as it is, 0 where as the unknown word. */
  private keptTokens({ recording, shape }: Tensor): Tensor | undefined {
    const { wordDropout: rate = 0 } = this.options;
    if (recording.mode === 'infer' || rate === 0) return undefined;
    const { seed, tokens: layer } = this.masks;
    return positive(dropout(fill(recording, [shape[0]!, 1], 1), { rate, seed, layer }));
  }

  /** [vocabulary, 1]: 0 for a word that is dropped in this step of training, else 1/(1 − rate). */
  private keptWords(recording: Recording): Tensor | undefined {
    const { dropout: rate = 0, vocabulary } = this.options;
    if (recording.mode === 'infer' || rate === 0) return undefined;
    const { seed, rows: layer } = this.masks;
    return reshape(dropout(fill(recording, [1, vocabulary], 1), { rate, seed, layer }), [vocabulary, 1]);
  }
}
