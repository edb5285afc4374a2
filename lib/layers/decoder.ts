import type { Tensor } from '../program/tensor.ts';
import type { Attention, RaggedMemory } from './attention.ts';
import type { DecoderWeights } from './decoder-weights.ts';
import type { Parameter } from './parameter.ts';

/** What decoders that attend to an encoder's outputs have in common: the weights of a cell, and an attention. */
export abstract class Decoder {
  readonly weights: DecoderWeights;
  readonly attention: Attention;
  readonly parameters: readonly Parameter[];

  constructor(weights: DecoderWeights, attention: Attention) {
    this.weights = weights;
    this.attention = attention;
    this.parameters = [...weights.parameters, ...attention.parameters];
  }

  /** What is attended to: the outputs of an encoder at every step, [tokens, memorySize] of a layout of its own. */
  remember(encoded: Tensor): RaggedMemory {
    return this.attention.rememberSequence(encoded);
  }
}
