import { rangeError } from '../errors.ts';
import type { Tensor } from '../program/tensor.ts';
import type { Attention, RaggedMemory } from './attention.ts';
import type { DecoderOptions, DecoderWeights } from './decoder-weights.ts';
import { type CarriedState, expectFlow, type Flow, type Layer, type LayerContext, type Tensors } from './layer.ts';
import type { Parameter } from './parameter.ts';

/** What a decoder says of itself beside its weights and its attention. */
interface DecoderSizes {
  /** Features that it gives at each step. */
  readonly output: number;
  readonly states: Readonly<Record<string, CarriedState>>;
}

/** What decoders that attend to an encoder's outputs have in common: the weights of a cell, and an attention. */
export abstract class Decoder implements Layer {
  readonly weights: DecoderWeights;
  readonly attention: Attention;
  readonly parameters: readonly Parameter[];
  readonly output: Flow;
  readonly attends = true;
  readonly cuttable = true;
  readonly states: Readonly<Record<string, CarriedState>>;
  /** The states after each sequence's last step. */
  readonly parts: Readonly<Record<string, Flow>>;

  constructor(
    weights: DecoderWeights,
    attention: Attention,
    { trainable = true }: DecoderOptions,
    { output, states }: DecoderSizes,
  ) {
    this.weights = weights;
    this.attention = attention;
    this.parameters = [...weights.parameters, ...attention.parameters];
    for (const parameter of this.parameters) parameter.trainable = trainable;
    this.output = { kind: 'sequence', size: output };
    this.states = states;
    this.parts = Object.fromEntries(Object.entries(states).map(([name, { size }]) => [name, { kind: 'vector', size }]));
  }

  /** x [tokens, inputSize], along a memory of sequences of any lengths. No state given means zeros. */
  abstract forward(
    x: Tensor,
    memory: RaggedMemory,
    state?: Tensors,
  ): { readonly output: Tensor; readonly weights: Tensor; readonly state: Tensors };

  /** What is attended to: the outputs of an encoder at every step, [tokens, memorySize] of a layout of its own. */
  remember(encoded: Tensor): RaggedMemory {
    return this.attention.rememberSequence(encoded);
  }

  apply(x: Tensor, memory: Tensor): Tensor {
    return this.applyInParts(x, {}, memory).output;
  }

  applyInParts(x: Tensor, states: Tensors, memory: Tensor): { output: Tensor; parts: Tensors } {
    const { output, state } = this.forward(x, this.remember(memory), states);
    return { output, parts: state };
  }
}

/** Features of what a decoder attends to. @throws ERR_SHAPE where it does not read sequences; ERR_ARGUMENT without a memory */
export function memorySizeOf({ name, input, memory }: LayerContext): number {
  expectFlow(name, input, 'sequence');
  if (memory) return memory.size;
  throw rangeError(
    'ERR_ARGUMENT',
    `${name}: attends to a memory and has none; name it in a graph, as in { layer, memory: 'encoder' }`,
  );
}
