import { matmul } from '../ops/matmul.ts';
import type { Direction } from '../ops/recurrent.ts';
import { slice } from '../ops/slice.ts';
import { stepAt } from '../ops/step-at.ts';
import type { Tensor } from '../program/tensor.ts';
import { glorotUniform } from './initializers.ts';
import { type CarriedState, expectFlow, type Flow, type Layer, type LayerContext, type Tensors } from './layer.ts';
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
  /** Makes one of the layer's parameters. */
  readonly parameter: (name: string, shape: readonly number[], initial: Float64Array) => Parameter;
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
    this.parameter = (suffix, shape, initial) => {
      const parameter = new Parameter(`${name}.${suffix}`, shape, initial);
      parameter.trainable = trainable;
      return parameter;
    };
    this.inputWeight = this.parameter('inputWeight', [input.size, columns], glorotUniform(input.size, columns, random));
    this.bias = bias ? this.parameter('bias', [columns], new Float64Array(columns)) : undefined;
    this.parameters = this.bias ? [this.inputWeight, this.bias] : [this.inputWeight];
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

/** A layer around such gates, which goes on from the states that it is given. */
export abstract class InputGateLayer implements Layer {
  readonly gates: InputGates;
  readonly output: Flow;
  /** Read forward, it goes on from its states. */
  readonly cuttable: boolean;
  readonly states: Readonly<Record<string, CarriedState>>;
  /** The states after each sequence's last step. */
  readonly parts: Readonly<Record<string, Flow>>;
  readonly parameters: Parameter[];

  /** @param widths of its states */
  constructor(gates: InputGates, widths: Readonly<Record<string, number>> = { h: gates.output.size }) {
    this.gates = gates;
    this.parameters = [...gates.parameters];
    this.output = gates.output;
    this.cuttable = gates.direction === 'forward';
    const sizes = Object.entries(widths);
    this.states = Object.fromEntries(sizes.map(([name, size]) => [name, { size }]));
    this.parts = Object.fromEntries(sizes.map(([name, size]) => [name, { kind: 'vector', size }]));
  }

  /** x [tokens, I] → output [tokens, H] and the state after each sequence's last step. No state given means zeros. */
  abstract forward(x: Tensor, state?: object): { readonly output: Tensor; readonly state: object };

  /** A parameter beside those of the gates: a number for each unit. */
  protected own(name: string, initial: Float64Array): Parameter {
    const parameter = this.gates.parameter(name, [initial.length], initial);
    this.parameters.push(parameter);
    return parameter;
  }

  apply(x: Tensor): Tensor {
    return this.applyInParts(x).output;
  }

  applyInParts(x: Tensor, states?: Tensors): { output: Tensor; parts: Tensors } {
    const { output, state } = this.forward(x, states);
    return { output: this.gates.select(output), parts: state as Tensors };
  }
}
