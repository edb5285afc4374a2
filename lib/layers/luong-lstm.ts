import { add } from '../ops/add.ts';
import { lstmStep } from '../ops/lstm-step.ts';
import { scan } from '../ops/scan.ts';
import type { Tensor } from '../program/tensor.ts';
import { Attention, type RaggedMemory } from './attention.ts';
import { Decoder, memorySizeOf } from './decoder.ts';
import { checkDecoderOptions, type DecoderOptions, DecoderWeights } from './decoder-weights.ts';
import { initialStates } from './initial-states.ts';
import { type LayerContext, oneOf } from './layer.ts';
import type { State } from './recurrent.ts';

export interface LuongLstmOptions extends DecoderOptions {
  /** How state and memory are compared: h·W·m, or h·m where they are of equal size. Default 'general'. */
  readonly score?: 'general' | 'dot';
  /** What the forget gate's bias starts from. Default 1. Jozefowicz et al. 2015. */
  readonly forgetBias?: number;
}

/** What a `LuongLstm` carries, each [batch, size]: its cell's states and the attentional vector of the step before. */
export type LuongState = State<'lstm'> & { readonly attentional: Tensor };

/**
 * An LSTM that looks at a memory after each step and reads at the next one what it made of it (input feeding). Luong, Pham &
 * Manning 2015. It stands in a graph, where `memory` names what it looks at. Started from the states of an lstm it takes over h and
 * c; what it reads at the first step beside its input is zeros.
 *
 *   h, c = lstm([x; attentional₋], h₋, c₋)      w = softmax(h·W·mₛ over s)      context = Σₛ wₛ·mₛ
 *   attentional = tanh(W_o·[context; h]) = output
 */
export function luongLstm(options: LuongLstmOptions) {
  checkDecoderOptions('luongLstm', options);
  oneOf('luongLstm', { score: [options.score ?? 'general', ['general', 'dot']] });
  return { type: 'luongLstm', ...options } as const;
}

export class LuongLstm extends Decoder {
  private readonly size: number;

  constructor(options: LuongLstmOptions, context: LayerContext) {
    const { size, score = 'general', forgetBias = 1 } = options;
    const { name, random } = context;
    const memorySize = memorySizeOf(context);
    const bias = new Float64Array(4 * size).fill(forgetBias, size, 2 * size);
    const weights = new DecoderWeights('lstm', options, context, size, bias);
    const attention = new Attention(
      { score, output: size },
      { name: `${name}.attention`, querySize: size, keySize: memorySize, valueSize: memorySize, random },
    );
    const states = { h: { size }, c: { size }, attentional: { size, peculiar: true } };
    super(weights, attention, options, { output: size, states });
    this.size = size;
  }

  /**
   * x [tokens, inputSize] → output [tokens, size], the weights of attention [tokens, memory steps], and the state after each
   * sequence's last step. What of the state is not given is zeros.
   */
  forward(
    x: Tensor,
    { keys, values, lengths }: RaggedMemory,
    state?: Partial<LuongState>,
  ): { output: Tensor; weights: Tensor; state: LuongState } {
    const { size } = this;
    const { outputs, states } = scan(
      {
        sequences: { x },
        states: { ...initialStates(x, { h: size, c: size, attentional: size }), ...state },
        constants: { keys, values, lengths },
      },
      ({ x, h, c, attentional, ...memory }) => {
        const a = add(this.weights.fromInput(x), this.weights.fromFed(attentional));
        const next = lstmStep(add(a, this.weights.fromState(h)), c);
        const { weights, context } = this.attention.attend(next.h, memory);
        const output = this.attention.attentional(next.h, context);
        return { states: { ...next, attentional: output }, outputs: { output, weights } };
      },
    );
    return { ...outputs, state: states };
  }
}
