import { matmul } from '../ops/matmul.ts';
import type { Tensor } from '../program/tensor.ts';
import { type Activation, activations } from './activation.ts';
import { glorotUniform } from './initializers.ts';
import { expectFlow, type Flow, type Layer, type LayerContext, oneOf, wholeNumbers } from './layer.ts';
import { Parameter } from './parameter.ts';

export interface DenseOptions {
  /** Outputs. */
  readonly size: number;
  /** Default 'linear': losses read logits. */
  readonly activation?: Activation;
  /** Default true. */
  readonly bias?: boolean;
  /** Default true. */
  readonly trainable?: boolean;
}

/** y = f(x·W + b), on one vector per sequence or at every step alike. */
export function dense(options: DenseOptions) {
  wholeNumbers('dense', { size: options.size });
  oneOf('dense', { activation: [options.activation ?? 'linear', Object.keys(activations)] });
  return { type: 'dense', ...options } as const;
}

export class Dense implements Layer {
  /** [inputSize, size] */
  readonly weight: Parameter;
  /** [size] */
  readonly bias: Parameter | undefined;
  readonly parameters: readonly Parameter[];
  readonly output: Flow;
  readonly cuttable = true;
  private readonly activation: Activation;

  constructor(
    { size, activation = 'linear', bias = true, trainable = true }: DenseOptions,
    { name, input, random }: LayerContext,
  ) {
    expectFlow(name, input, 'vector', 'sequence');
    this.weight = new Parameter(`${name}.weight`, [input.size, size], glorotUniform(input.size, size, random));
    this.bias = bias ? new Parameter(`${name}.bias`, [size], new Float64Array(size)) : undefined;
    this.parameters = this.bias ? [this.weight, this.bias] : [this.weight];
    for (const parameter of this.parameters) parameter.trainable = trainable;
    this.output = { kind: input.kind, size };
    this.activation = activation;
  }

  /** x [rows, inputSize] → [rows, size] */
  apply(x: Tensor): Tensor {
    const { recording } = x;
    return activations[this.activation](
      matmul(x, this.weight.tensor(recording), { bias: this.bias?.tensor(recording) }),
    );
  }
}
