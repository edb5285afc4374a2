import { add } from '../ops/add.ts';
import { concat } from '../ops/concat.ts';
import { gruStep } from '../ops/gru-step.ts';
import { scan } from '../ops/scan.ts';
import type { Tensor } from '../program/tensor.ts';
import { Attention, type RaggedMemory } from './attention.ts';
import { Decoder, memorySizeOf } from './decoder.ts';
import { checkDecoderOptions, type DecoderOptions, DecoderWeights } from './decoder-weights.ts';
import { initialStates } from './initial-states.ts';
import { type LayerContext, wholeNumbers } from './layer.ts';
import type { State } from './recurrent.ts';

export interface BahdanauGruOptions extends DecoderOptions {
  /** Units of the attention's comparison. Default: size. */
  readonly attentionSize?: number;
}

/**
 * A GRU that looks at a memory before each step, with its state as the query. Bahdanau, Cho & Bengio 2015. It stands in a graph,
 * where `memory` names what it looks at, and gives size + memorySize features at every step.
 *
 *   eₛ = v·tanh(W_q·h₋ + W_k·mₛ + b)     w = softmax(e)     context = Σₛ wₛ·mₛ
 *   h = gru([x; context], h₋)            output = [h; context]
 */
export function bahdanauGru(options: BahdanauGruOptions) {
  checkDecoderOptions('bahdanauGru', options);
  wholeNumbers('bahdanauGru', { attentionSize: options.attentionSize ?? options.size });
  return { type: 'bahdanauGru', ...options } as const;
}

export class BahdanauGru extends Decoder {
  private readonly size: number;

  constructor(options: BahdanauGruOptions, context: LayerContext) {
    const { size, attentionSize = size } = options;
    const { name, random } = context;
    const memorySize = memorySizeOf(context);
    const weights = new DecoderWeights('gru', options, context, memorySize);
    const attention = new Attention(
      { score: 'additive', size: attentionSize },
      { name: `${name}.attention`, querySize: size, keySize: memorySize, valueSize: memorySize, random },
    );
    super(weights, attention, options, { output: size + memorySize, states: { h: { size } } });
    this.size = size;
  }

  /**
   * x [tokens, inputSize] → output [tokens, size + memorySize], the weights of attention [tokens, memory steps], and the state
   * after each sequence's last step. No state given means zeros.
   */
  forward(
    x: Tensor,
    { keys, values, lengths }: RaggedMemory,
    state?: Partial<State<'gru'>>,
  ): { output: Tensor; weights: Tensor; state: State<'gru'> } {
    const { outputs, states } = scan(
      {
        sequences: { x },
        states: { ...initialStates(x, { h: this.size }), ...state },
        constants: { keys, values, lengths },
      },
      ({ x, h, ...memory }) => {
        const { weights, context } = this.attention.attend(h, memory);
        const a = add(this.weights.fromInput(x), this.weights.fromFed(context));
        const next = gruStep(a, this.weights.fromState(h), h);
        return { states: { h: next }, outputs: { output: concat([next, context]), weights } };
      },
    );
    return { ...outputs, state: states };
  }
}
