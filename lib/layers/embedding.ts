import { gather } from '../ops/gather.ts';
import type { Tensor } from '../program/tensor.ts';
import { uniform } from './initializers.ts';
import { expectFlow, type Flow, type Layer, type LayerContext, wholeNumbers } from './layer.ts';
import { Parameter } from './parameter.ts';

export interface EmbeddingOptions {
  /** Rows: ids run from 0 to vocabulary − 1. */
  readonly vocabulary: number;
  /** Features per token. */
  readonly size: number;
  /** An id whose row is read as it is and never learned. Default: none. */
  readonly paddingId?: number;
  /** Default true. */
  readonly trainable?: boolean;
}

/** Token ids → learned vectors. */
export function embedding(options: EmbeddingOptions) {
  wholeNumbers('embedding', { vocabulary: options.vocabulary, size: options.size });
  return { type: 'embedding', ...options } as const;
}

export class Embedding implements Layer {
  /** [vocabulary, size], drawn from U(−0.05, 0.05) as in Keras */
  readonly weight: Parameter;
  readonly parameters: readonly Parameter[];
  readonly output: Flow;
  readonly cuttable = true;
  private readonly paddingId: number;

  constructor(
    { vocabulary, size, paddingId = -1, trainable = true }: EmbeddingOptions,
    { name, input, random }: LayerContext,
  ) {
    expectFlow(name, input, 'ids');
    this.weight = new Parameter(`${name}.weight`, [vocabulary, size], uniform(vocabulary * size, 0.05, random));
    this.weight.trainable = trainable;
    this.parameters = [this.weight];
    this.output = { kind: 'sequence', size };
    this.paddingId = paddingId;
  }

  /** ids int32 [tokens] → [tokens, size] */
  apply(ids: Tensor): Tensor {
    return gather(this.weight.tensor(ids.recording), ids, { ignore: this.paddingId });
  }
}
