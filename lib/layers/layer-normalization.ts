import { rangeError } from '../errors.ts';
import { layerNorm } from '../ops/layer-norm.ts';
import type { Tensor } from '../program/tensor.ts';
import { expectFlow, type Flow, type Layer, type LayerContext } from './layer.ts';
import { Parameter } from './parameter.ts';

export interface LayerNormalizationOptions {
  /** Added to the variance; positive. Default 1e-5, as in PyTorch; Keras has 1e-3. */
  readonly epsilon?: number;
  /** Default true. */
  readonly trainable?: boolean;
}

/** Brings the features of each vector, or of each step, to mean 0 and variance 1, then to a learned gain and shift. Ba et al. 2016. */
export function layerNormalization(options: LayerNormalizationOptions = {}) {
  const { epsilon = 1e-5 } = options;
  if (!(typeof epsilon === 'number' && epsilon > 0 && Number.isFinite(epsilon)))
    throw rangeError('ERR_ARGUMENT', `layerNormalization: epsilon must be a positive number, got ${String(epsilon)}`);
  return { type: 'layerNormalization', ...options } as const;
}

export class LayerNormalization implements Layer {
  /** [size], from 1 */
  readonly gain: Parameter;
  /** [size], from 0 */
  readonly shift: Parameter;
  readonly parameters: readonly Parameter[];
  readonly output: Flow;
  readonly cuttable = true;
  private readonly epsilon: number;

  constructor({ epsilon = 1e-5, trainable = true }: LayerNormalizationOptions, { name, input }: LayerContext) {
    expectFlow(name, input, 'vector', 'sequence');
    this.gain = new Parameter(`${name}.gain`, [input.size], new Float64Array(input.size).fill(1));
    this.shift = new Parameter(`${name}.shift`, [input.size], new Float64Array(input.size));
    this.parameters = [this.gain, this.shift];
    for (const parameter of this.parameters) parameter.trainable = trainable;
    this.output = input;
    this.epsilon = epsilon;
  }

  /** x [rows, size] → [rows, size] */
  apply(x: Tensor): Tensor {
    const { recording } = x;
    const [gain, shift] = [this.gain.tensor(recording), this.shift.tensor(recording)];
    return layerNorm(x, { gain, shift, epsilon: this.epsilon });
  }
}
