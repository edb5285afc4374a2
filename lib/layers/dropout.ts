import { dropout as record } from '../ops/dropout.ts';
import type { Tensor } from '../program/tensor.ts';
import { expectFlow, type Flow, type Layer, type LayerContext, rates } from './layer.ts';

export interface DropoutOptions {
  /** The share of elements set to zero while training, in [0, 1). */
  readonly rate: number;
}

/** Sets elements to zero at random while training and scales the rest up; does nothing in inference. */
export function dropout(options: DropoutOptions) {
  rates('dropout', { rate: options.rate });
  return { type: 'dropout', ...options } as const;
}

export class Dropout implements Layer {
  readonly parameters = [];
  readonly output: Flow;
  readonly cuttable = true;
  private readonly key: { rate: number; seed: number; layer: number };

  constructor({ rate }: DropoutOptions, { name, input, seed, nextMask }: LayerContext) {
    expectFlow(name, input, 'vector', 'sequence');
    this.output = input;
    this.key = { rate, seed, layer: nextMask() };
  }

  apply(x: Tensor): Tensor {
    return record(x, this.key);
  }
}
