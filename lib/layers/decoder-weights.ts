import { type CellName, cells } from '../cells.ts';
import { matmul } from '../ops/matmul.ts';
import { slice } from '../ops/slice.ts';
import type { Tensor } from '../program/tensor.ts';
import { glorotUniform, orthogonal } from './initializers.ts';
import { type LayerContext, oneOf, wholeNumbers } from './layer.ts';
import { Parameter } from './parameter.ts';

/** The options that decoders share. */
export interface DecoderOptions {
  /** Units. */
  readonly size: number;
  /** One bias per gate, or one beside each of the two weight matrices. Default 'one'. */
  readonly biases?: 'one' | 'two';
  /** Default true. */
  readonly trainable?: boolean;
}

/** @throws ERR_ARGUMENT for options that do not fit */
export function checkDecoderOptions(layer: string, { size, biases = 'one' }: DecoderOptions): void {
  wholeNumbers(layer, { size });
  oneOf(layer, { biases: [biases, ['one', 'two']] });
}

/** The weights of a decoder's cell, whose input at each step is a row of its own and, beside it, what it is fed. */
export class DecoderWeights {
  /** [inputSize + fedSize, G·size], gates as in cells.ts; Glorot uniform */
  readonly inputWeight: Parameter;
  /** [size, G·size]; orthogonal */
  readonly recurrentWeight: Parameter;
  /** [G·size] */
  readonly bias: Parameter;
  /** [G·size], of biases 'two' */
  readonly recurrentBias: Parameter | undefined;
  readonly parameters: readonly Parameter[];
  private readonly inputSize: number;

  /** @param bias its initial values; zeros when left out */
  constructor(
    cell: CellName,
    { size, biases = 'one' }: DecoderOptions,
    { name, input, random }: LayerContext,
    fedSize: number,
    bias?: Float64Array,
  ) {
    const columns = cells[cell].gates.length * size;
    const parameter = (suffix: string, shape: readonly number[], initial: Float64Array) =>
      new Parameter(`${name}.${suffix}`, shape, initial);
    const inputs = input.size + fedSize;
    this.inputWeight = parameter('inputWeight', [inputs, columns], glorotUniform(inputs, columns, random));
    this.recurrentWeight = parameter('recurrentWeight', [size, columns], orthogonal(size, columns, random));
    this.bias = parameter('bias', [columns], bias ?? new Float64Array(columns));
    this.recurrentBias =
      biases === 'two' ? parameter('recurrentBias', [columns], new Float64Array(columns)) : undefined;
    this.parameters = [this.inputWeight, this.recurrentWeight, this.bias, this.recurrentBias].filter(
      parameter => parameter !== undefined,
    );
    this.inputSize = input.size;
  }

  /** What reaches the gates from the input: x·W + b. */
  fromInput(x: Tensor): Tensor {
    const { recording } = x;
    const weight = slice(this.inputWeight.tensor(recording), { axis: 0, start: 0, stop: this.inputSize });
    return matmul(x, weight, { bias: this.bias.tensor(recording) });
  }

  /** What reaches them from what stands beside the input. */
  fromFed(fed: Tensor): Tensor {
    return matmul(fed, slice(this.inputWeight.tensor(fed.recording), { axis: 0, start: this.inputSize }));
  }

  /** What reaches them from the state: h·R + b_R. */
  fromState(h: Tensor): Tensor {
    const { recording } = h;
    return matmul(h, this.recurrentWeight.tensor(recording), { bias: this.recurrentBias?.tensor(recording) });
  }
}
