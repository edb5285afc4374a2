import { rangeError } from '../errors.ts';
import { matmul } from '../ops/matmul.ts';
import type { Tensor } from '../program/tensor.ts';
import { type Activation, activations } from './activation.ts';
import { checkInitializers, type Initializer, initializer } from './initializers.ts';
import { expectFlow, type Flow, type Layer, type LayerContext, oneOf, wholeNumbers } from './layer.ts';
import { Parameter } from './parameter.ts';

export interface DenseOptions {
  /** Outputs. */
  readonly size: number;
  /** Default 'linear': losses read logits. */
  readonly activation?: Activation;
  /** How the weight starts. Default 'glorotUniform'. */
  readonly initializer?: Initializer;
  /** Default true. */
  readonly bias?: boolean;
  /**
   * A weight of a layer before, in place of one of its own: the two are one parameter. With `transposed` an embedding's table
   * turns features into words: `{ of: 'embedding.weight', transposed: true }`, Press & Wolf 2017.
   */
  readonly weight?: { readonly of: string; readonly transposed?: boolean };
  /** Default true. */
  readonly trainable?: boolean;
}

/** y = f(x·W + b), on one vector per sequence or at every step alike. */
export function dense(options: DenseOptions) {
  wholeNumbers('dense', { size: options.size });
  checkInitializers('dense', { initializer: options.initializer });
  oneOf('dense', { activation: [options.activation ?? 'linear', Object.keys(activations)] });
  return { type: 'dense', ...options } as const;
}

export class Dense implements Layer {
  /** [inputSize, size], or [size, inputSize] where it is shared transposed */
  readonly weight: Parameter;
  /** [size] */
  readonly bias: Parameter | undefined;
  readonly parameters: readonly Parameter[];
  readonly output: Flow;
  readonly cuttable = true;
  private readonly activation: Activation;
  private readonly transposed: boolean;

  constructor(
    {
      size,
      activation = 'linear',
      bias = true,
      weight: shared,
      initializer: start = 'glorotUniform',
      trainable = true,
    }: DenseOptions,
    { name, input, random, find }: LayerContext,
  ) {
    expectFlow(name, input, 'vector', 'sequence');
    const shape = [input.size, size] as const;
    this.transposed = shared?.transposed ?? false;
    this.weight = shared
      ? found(name, shared.of, this.transposed ? [size, input.size] : shape, find)
      : new Parameter(`${name}.weight`, shape, initializer(start)(...shape, random));
    this.bias = bias ? new Parameter(`${name}.bias`, [size], new Float64Array(size)) : undefined;
    this.parameters = [shared ? undefined : this.weight, this.bias].filter(p => p !== undefined);
    for (const parameter of this.parameters) parameter.trainable = trainable;
    this.output = { kind: input.kind, size };
    this.activation = activation;
  }

  /** x [rows, inputSize] → [rows, size] */
  apply(x: Tensor): Tensor {
    const { recording } = x;
    return activations[this.activation](
      matmul(x, this.weight.tensor(recording), {
        bias: this.bias?.tensor(recording),
        transposeB: this.transposed,
      }),
    );
  }
}

/** The weight that another layer has. */
function found(
  name: string,
  of: string,
  [rows, columns]: readonly [number, number],
  find: LayerContext['find'],
): Parameter {
  const parameter = find(of);
  if (!parameter)
    throw rangeError('ERR_ARGUMENT', `${name}: there is no parameter ${of} in the layers before it to share`);
  if (parameter.shape.join() !== [rows, columns].join())
    throw rangeError(
      'ERR_SHAPE',
      `${name}: ${of} has shape [${parameter.shape.join(', ')}], expected [${rows}, ${columns}] to share it`,
    );
  return parameter;
}
