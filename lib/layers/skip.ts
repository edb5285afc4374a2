import { rangeError } from '../errors.ts';
import { add } from '../ops/add.ts';
import { matmul } from '../ops/matmul.ts';
import { multiply } from '../ops/multiply.ts';
import { sigmoid } from '../ops/sigmoid.ts';
import { subtract } from '../ops/subtract.ts';
import type { Tensor } from '../program/tensor.ts';
import { glorotUniform } from './initializers.ts';
import {
  type Build,
  describeFlow,
  expectFlow,
  type Flow,
  type Layer,
  type LayerContext,
  type LayerDescription,
  type Tensors,
} from './layer.ts';
import { Parameter } from './parameter.ts';

export interface HighwayOptions {
  /** What the bias of the gate starts from: below 0 the layer at first passes on what it reads. Default −1. */
  readonly gateBias?: number;
}

/** y = x + f(x), f being a layer that gives as many features as it reads. He et al. 2016. */
export function residual(layer: LayerDescription) {
  return { type: 'residual', layer } as const;
}

/** y = t ⊙ f(x) + (1 − t) ⊙ x with the gate t = σ(x·W + b), f being a layer as in `residual`. Srivastava et al. 2015. */
export function highway(layer: LayerDescription, options: HighwayOptions = {}) {
  const { gateBias = -1 } = options;
  if (!Number.isFinite(gateBias))
    throw rangeError('ERR_ARGUMENT', `highway: gateBias must be a finite number, got ${String(gateBias)}`);
  return { type: 'highway', layer, ...options } as const;
}

/** A layer and a way around it. The states and parts of the layer are its own. */
export class Skip implements Layer {
  readonly inner: Layer;
  /** The gate of a highway: [size, size] and [size] */
  readonly gateWeight: Parameter | undefined;
  readonly gateBias: Parameter | undefined;
  readonly parameters: readonly Parameter[];
  readonly output: Flow;
  readonly cuttable: boolean;
  readonly attends: boolean;
  readonly parts: NonNullable<Layer['parts']>;
  readonly states: NonNullable<Layer['states']>;

  /** @param gateBias none: there is no gate */
  constructor(layer: LayerDescription, gateBias: number | undefined, context: LayerContext, build: Build) {
    const { name, input, random } = context;
    expectFlow(name, input, 'vector', 'sequence');
    this.inner = build(layer, { ...context, name: `${name}.${layer.type}` });
    const { output, parameters, cuttable = false, attends = false, parts = {}, states = {} } = this.inner;
    if (output.kind !== input.kind || output.size !== input.size)
      throw rangeError(
        'ERR_SHAPE',
        `${name}: reads ${describeFlow(input)}, its layer gives ${describeFlow(output)}; they must be alike to be added up`,
      );
    const { size } = input;
    if (gateBias !== undefined) {
      this.gateWeight = new Parameter(`${name}.gateWeight`, [size, size], glorotUniform(size, size, random));
      this.gateBias = new Parameter(`${name}.gateBias`, [size], new Float64Array(size).fill(gateBias));
    }
    this.parameters = [...parameters, this.gateWeight, this.gateBias].filter(p => p !== undefined);
    this.output = output;
    this.cuttable = cuttable;
    this.attends = attends;
    this.parts = parts;
    this.states = states;
  }

  apply(x: Tensor): Tensor {
    return this.applyInParts(x).output;
  }

  applyInParts(x: Tensor, states?: Tensors, memory?: Tensor): { output: Tensor; parts: Tensors } {
    const { output: f, parts } = this.inner.applyInParts?.(x, states, memory) ?? {
      output: this.inner.apply(x),
      parts: {},
    };
    if (!this.gateWeight) return { output: add(x, f), parts };
    const { recording } = x;
    const t = sigmoid(matmul(x, this.gateWeight.tensor(recording), { bias: this.gateBias!.tensor(recording) }));
    return { output: add(x, multiply(t, subtract(f, x))), parts };
  }
}
