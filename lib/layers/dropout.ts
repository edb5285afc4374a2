import { dropoutMask, dropout as record } from '../ops/dropout.ts';
import { multiply } from '../ops/multiply.ts';
import { scan } from '../ops/scan.ts';
import type { Tensor } from '../program/tensor.ts';
import { expectFlow, type Flow, type Layer, type LayerContext, oneOf, rates } from './layer.ts';

export interface DropoutOptions {
  /** The share of elements set to zero while training, in [0, 1). */
  readonly rate: number;
  /**
   * Whether each step of a sequence loses features of its own, or all lose the same: variational dropout, Gal & Ghahramani 2016,
   * which between recurrent layers is what their option `dropout` does at less cost. Default 'step'.
   */
  readonly mask?: 'step' | 'sequence';
}

/** Sets elements to zero at random while training and scales the rest up; does nothing in inference. */
export function dropout(options: DropoutOptions) {
  rates('dropout', { rate: options.rate });
  oneOf('dropout', { mask: [options.mask ?? 'step', ['step', 'sequence']] });
  return { type: 'dropout', ...options } as const;
}

export class Dropout implements Layer {
  readonly parameters = [];
  readonly output: Flow;
  readonly cuttable = true;
  private readonly key: { rate: number; seed: number; layer: number };
  private readonly mask: 'step' | 'sequence';

  constructor({ rate, mask = 'step' }: DropoutOptions, { name, input, seed, nextMask }: LayerContext) {
    expectFlow(name, input, 'vector', 'sequence');
    this.output = input;
    this.key = { rate, seed, layer: nextMask() };
    this.mask = input.kind === 'sequence' ? mask : 'step';
  }

  apply(x: Tensor): Tensor {
    if (this.mask === 'step') return record(x, this.key);
    const mask = dropoutMask(x, this.output.size, this.key);
    if (!mask) return x;
    return scan({ sequences: { x }, states: {}, constants: { mask } }, ({ x, mask }) => ({
      states: {},
      outputs: { y: multiply(x, mask) },
    })).outputs.y;
  }
}
