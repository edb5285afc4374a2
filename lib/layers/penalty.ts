import { rangeError } from '../errors.ts';
import { fill } from '../ops/fill.ts';
import { mean } from '../ops/mean.ts';
import { multiply } from '../ops/multiply.ts';
import { scale } from '../ops/scale.ts';
import { scan } from '../ops/scan.ts';
import { square } from '../ops/square.ts';
import { subtract } from '../ops/subtract.ts';
import type { Tensor } from '../program/tensor.ts';
import { expectFlow, type Flow, type Layer, type LayerContext } from './layer.ts';

export interface PenaltyOptions {
  /** Times the mean of x²: keeps activations small. At least 0; default 0. */
  readonly activation?: number;
  /** Times the mean of (x_t − x_{t−1})², 0 at first steps: keeps activations from changing. At least 0; default 0. */
  readonly change?: number;
}

/**
 * Passes on what it reads, and adds to the training loss what that costs: activation regularisation and its temporal kind.
 * Merity et al. 2017, "Revisiting activation regularization for language RNNs". The loss that training reports has it in it.
 */
export function penalty(options: PenaltyOptions) {
  const { activation = 0, change = 0 } = options;
  for (const [option, factor] of Object.entries({ activation, change }))
    if (!(Number.isFinite(factor) && factor >= 0))
      throw rangeError('ERR_ARGUMENT', `penalty: ${option} must be a number of at least 0, got ${String(factor)}`);
  return { type: 'penalty', ...options } as const;
}

export class Penalty implements Layer {
  readonly parameters = [];
  readonly output: Flow;
  readonly cuttable = true;
  private readonly options: PenaltyOptions;

  constructor(options: PenaltyOptions, { name, input }: LayerContext) {
    if (options.change) expectFlow(name, input, 'sequence');
    expectFlow(name, input, 'vector', 'sequence');
    this.output = input;
    this.options = options;
  }

  apply(x: Tensor): Tensor {
    const { recording } = x;
    const { activation = 0, change = 0 } = this.options;
    if (recording.mode === 'infer') return x;
    if (activation > 0) recording.penalties.push(scale(mean(square(x)), activation));
    if (change > 0) recording.penalties.push(scale(mean(square(changes(x))), change));
    return x;
  }
}

/** x_t − x_{t−1}, and 0 at the first step of a sequence: x [tokens, F] → [tokens, F]. */
function changes(x: Tensor): Tensor {
  const { recording, layout, shape } = x;
  const zeros = (features: number) => fill(recording, [layout!.batch, features], 0);
  const states = { before: zeros(shape[1] as number), begun: zeros(1) };
  return scan({ sequences: { x }, states }, ({ x, before, begun }) => ({
    states: { before: x, begun: scale(begun, 0, 1) },
    outputs: { change: multiply(begun, subtract(x, before)) },
  })).outputs.change;
}
