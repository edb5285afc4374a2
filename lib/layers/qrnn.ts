import { concat } from '../ops/concat.ts';
import { delay } from '../ops/delay.ts';
import { linearRecurrence } from '../ops/linear-recurrence.ts';
import { multiply } from '../ops/multiply.ts';
import { scale } from '../ops/scale.ts';
import { sigmoid } from '../ops/sigmoid.ts';
import { slice } from '../ops/slice.ts';
import { tanh } from '../ops/tanh.ts';
import type { Tensor } from '../program/tensor.ts';
import { InputGateLayer, type InputGateOptions, InputGates } from './input-gates.ts';
import { type LayerContext, oneOf, wholeNumbers } from './layer.ts';
import { checkRecurrentOptions } from './recurrent.ts';

export interface QrnnOptions extends InputGateOptions {
  /** How many steps the gates see: the current one and those before it. Default 2. */
  readonly window?: number;
  /** Whether what enters the state is what the forget gate lets go ('fo', the default), or has a gate of its own ('ifo'). */
  readonly pooling?: 'fo' | 'ifo';
}

/** What a sequence carries on: c [batch, size], and x [batch, (window−1)·I], its last inputs, the latest first; none of window 1. */
export interface QrnnState {
  readonly c: Tensor;
  readonly x?: Tensor;
}

/**
 * Quasi-recurrent network: gates see the last `window` inputs and not the state, so that a long sequence is computed in parallel
 * over time. Bradbury et al. 2017, "Quasi-recurrent neural networks". Gates z f o, and i of 'ifo'. X: x and the inputs before it.
 *
 *   z = tanh(X·W_z + b_z)      f, o, i = σ(X·W + b)
 *   pooling 'fo':  c = f⊙c₋ + (1−f)⊙z      'ifo':  c = f⊙c₋ + i⊙z      h = o⊙c
 */
export function qrnn(options: QrnnOptions) {
  checkRecurrentOptions('qrnn', options);
  wholeNumbers('qrnn', { window: options.window ?? 2 });
  oneOf('qrnn', { pooling: [options.pooling ?? 'fo', ['fo', 'ifo']] });
  return { type: 'qrnn', ...options } as const;
}

export class Qrnn extends InputGateLayer {
  private readonly window: number;

  constructor(options: QrnnOptions, context: LayerContext) {
    const { window = 2, pooling = 'fo' } = options;
    const input = { ...context.input, size: window * context.input.size };
    const seen = (window - 1) * context.input.size;
    super(new InputGates(pooling === 'fo' ? 3 : 4, options, { ...context, input }), {
      c: options.size,
      ...(seen > 0 ? { x: seen } : {}),
    });
    this.window = window;
  }

  /** x [tokens, I] → output [tokens, H] and the state after each sequence's last step. No state given means zeros. */
  forward(x: Tensor, state?: QrnnState): { output: Tensor; state: QrnnState } {
    const { windows, last } = this.windowsOf(x, state?.x);
    const [candidate, forget, output, input] = this.gates.of(windows) as [Tensor, Tensor, Tensor, Tensor?];
    const f = sigmoid(forget);
    const i = input ? sigmoid(input) : scale(f, -1, 1);
    const { y, hN } = linearRecurrence(
      { a: f, b: multiply(i, tanh(candidate)), h: state?.c },
      { direction: this.gates.direction },
    );
    return { output: multiply(sigmoid(output), y), state: { c: hN, ...(last ? { x: last } : {}) } };
  }

  /** windows [tokens, window·I]: each step's input, then those before it; and what a further step would see of them. */
  private windowsOf(x: Tensor, before: Tensor | undefined): { windows: Tensor; last: Tensor | undefined } {
    const { direction } = this.gates;
    const size = x.shape[1] as number;
    const seen = [x];
    const last: Tensor[] = [];
    for (let back = 0; back < this.window - 1; back++) {
      const delayed = delay(seen[back]!, {
        before: before && slice(before, { axis: -1, start: back * size, stop: (back + 1) * size }),
        direction,
      });
      seen.push(delayed.y);
      last.push(delayed.last);
    }
    return { windows: concat(seen), last: last.length > 0 ? concat(last) : undefined };
  }
}
