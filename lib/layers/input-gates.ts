import { matmul } from '../ops/matmul.ts';
import type { Direction } from '../ops/recurrent.ts';
import { slice } from '../ops/slice.ts';
import { stepAt } from '../ops/step-at.ts';
import type { Tensor } from '../program/tensor.ts';
import { glorotUniform } from './initializers.ts';
import { expectFlow, type Flow, type LayerContext } from './layer.ts';
import { Parameter } from './parameter.ts';
import type { RecurrentOptions } from './recurrent.ts';

/** The options of recurrent layers whose matrices read the input alone. */
export type InputGateOptions = Pick<RecurrentOptions, 'size' | 'output' | 'direction' | 'bias' | 'trainable'>;

/** The state of a layer that carries nothing but its output: [batch, size] in the caller's order. */
export interface HiddenState {
  readonly h: Tensor;
}

/** What such a layer computes of all steps at once, before time comes in: x·W + b for each of its gates. */
export class InputGates {
  /** [inputSize, G·size], gates side by side; Glorot uniform */
  readonly inputWeight: Parameter;
  /** [G·size] */
  readonly bias: Parameter | undefined;
  readonly parameters: readonly Parameter[];
  readonly output: Flow;
  readonly direction: Direction;
  private readonly count: number;

  /** @param count of gates */
  constructor(
    count: number,
    { size, output = 'last', direction = 'forward', bias = true, trainable = true }: InputGateOptions,
    { name, input, random }: Pick<LayerContext, 'name' | 'input' | 'random'>,
  ) {
    expectFlow(name, input, 'sequence');
    const columns = count * size;
    this.inputWeight = new Parameter(
      `${name}.inputWeight`,
      [input.size, columns],
      glorotUniform(input.size, columns, random),
    );
    this.bias = bias ? new Parameter(`${name}.bias`, [columns], new Float64Array(columns)) : undefined;
    this.parameters = this.bias ? [this.inputWeight, this.bias] : [this.inputWeight];
    for (const parameter of this.parameters) parameter.trainable = trainable;
    this.output = { kind: output === 'last' ? 'vector' : 'sequence', size };
    this.direction = direction;
    this.count = count;
  }

  /** x [tokens, inputSize] → the pre-activations of each gate, [tokens, size] */
  of(x: Tensor): Tensor[] {
    const { recording } = x;
    const { size } = this.output;
    const all = matmul(x, this.inputWeight.tensor(recording), { bias: this.bias?.tensor(recording) });
    if (this.count === 1) return [all];
    return Array.from({ length: this.count }, (_, gate) =>
      slice(all, { axis: -1, start: gate * size, stop: (gate + 1) * size }),
    );
  }

  /** What the layer passes on: every step, or that which each sequence ends with. */
  select(output: Tensor): Tensor {
    if (this.output.kind === 'sequence') return output;
    return stepAt(output, this.direction === 'forward' ? -1 : 0);
  }
}
