import { type Activation, completeActivation } from '../activations.ts';
import { rangeError, typeError } from '../errors.ts';
import { rnn as rnnFused } from '../ops/rnn.ts';
import { rnnScan } from '../ops/rnn-scan.ts';
import type { ScanOutputs } from '../ops/scan-cell.ts';
import type { Tensor } from '../program/tensor.ts';
import { initializer } from './initializers.ts';
import { type Flow, type Layer, type LayerContext, oneOf, type Tensors, wholeNumbers } from './layer.ts';
import { Parameter } from './parameter.ts';
import { biasOf, checkCellOptions, type RecurrentOptions, RecurrentWeights, type State } from './recurrent.ts';

export interface RnnOptions extends Omit<RecurrentOptions, 'bias'> {
  /** Default 'tanh'. */
  readonly activation?: Activation;
  /** 'scalar': each bias is one number, which all units have added. Default true. */
  readonly bias?: boolean | 'scalar';
  /**
   * How many states back a step looks. The recurrent weight is then [order·size, …], the newest state's rows first, and what is
   * carried beside h is `earlier`, the order − 1 states before it, newest first. Such a layer runs as a scan. Default 1.
   * Soltani & Jiang 2016.
   */
  readonly order?: number;
  /**
   * Units of each layer of a perceptron inside the step: input and states enter the first, and one of `size` comes after the last;
   * all have the activation of the cell. Such a layer runs as a scan. Default none. Pascanu et al. 2014.
   */
  readonly transition?: readonly number[];
  /**
   * 'scalar': one number times each state that is read, [order, 1], in place of a matrix; it starts from the identity. With a
   * transition, whose first layer must then have `size` units too. Such a layer runs as a scan. Default 'full'.
   */
  readonly recurrentWeight?: 'full' | 'scalar';
}

/** Simple recurrent network; `ops/rnn.ts` and `ops/rnn-scan.ts` have the equations. */
export function rnn(options: RnnOptions) {
  const { activation = 'tanh', bias = true, order = 1, transition = [], recurrentWeight = 'full', size } = options;
  checkCellOptions('rnn', { ...options, bias: bias !== false });
  completeActivation('rnn', activation);
  oneOf('rnn', { recurrentWeight: [recurrentWeight, ['full', 'scalar']] });
  if (typeof bias !== 'boolean' && bias !== 'scalar')
    throw rangeError('ERR_ARGUMENT', `rnn: bias must be true, false or 'scalar', got ${String(bias)}`);
  if (!Array.isArray(transition))
    throw typeError('ERR_ARGUMENT', `rnn: transition must be a list of numbers of units, got ${String(transition)}`);
  wholeNumbers('rnn', { order, ...Object.fromEntries(transition.map((units, at) => [`transition[${at}]`, units])) });
  const [first = size] = transition;
  if (recurrentWeight === 'scalar' && first !== size)
    throw rangeError(
      'ERR_ARGUMENT',
      `rnn: recurrentWeight 'scalar' adds states of ${size} units to the first layer of the transition, which has ${first}; give both the same`,
    );
  if (options.recompute && isScan(options))
    throw rangeError(
      'ERR_ARGUMENT',
      "rnn: recompute is of the fused cell; it has neither order, nor transition, nor recurrentWeight 'scalar'",
    );
  return { type: 'rnn', ...options } as const;
}

function isScan({ order = 1, transition = [], recurrentWeight = 'full' }: RnnOptions): boolean {
  return order > 1 || transition.length > 0 || recurrentWeight === 'scalar';
}

/** `earlier` [batch, (order − 1)·size] where the order is more than 1. */
type RnnState = State<'rnn'> & { readonly earlier?: Tensor };

export class Rnn implements Layer {
  readonly weights: RecurrentWeights;
  /** What comes after the first layer of the step: [units before it, its units] and [its units], or [1], each. */
  readonly transition: readonly { readonly weight: Parameter; readonly bias: Parameter | undefined }[];
  readonly parameters: readonly Parameter[];
  readonly output: Flow;
  readonly cuttable: boolean;
  readonly states: RecurrentWeights['states'];
  readonly parts: RecurrentWeights['parts'];
  private readonly options: RnnOptions;

  constructor(options: RnnOptions, context: LayerContext) {
    const { size, bias = true, order = 1, transition = [], recurrentWeight = 'full', trainable = true } = options;
    const widths = [...transition, size];
    this.options = options;
    this.weights = new RecurrentWeights('rnn', { ...options, size: widths[0]!, bias: bias !== false }, context, {
      stateSize: size,
      order,
      scalars: { recurrentWeight: recurrentWeight === 'scalar', bias: bias === 'scalar' },
    });
    this.transition = transition.map((units, at) => this.layer(at + 1, units, widths[at + 1]!, context));
    const own = this.transition.flatMap(({ weight, bias }) => (bias ? [weight, bias] : [weight]));
    for (const parameter of own) parameter.trainable = trainable;
    this.parameters = [...this.weights.parameters, ...own];
    this.output = this.weights.output;
    this.cuttable = this.weights.cuttable;
    this.states = this.weights.states;
    this.parts = this.weights.parts;
  }

  private layer(place: number, rows: number, columns: number, { name, random }: LayerContext) {
    const draw = initializer(this.options.initializer ?? 'glorotUniform');
    const { bias = true } = this.options;
    const biases = bias === 'scalar' ? 1 : columns;
    return {
      weight: new Parameter(`${name}.transitionWeight${place}`, [rows, columns], draw(rows, columns, random)),
      bias: bias ? new Parameter(`${name}.transitionBias${place}`, [biases], new Float64Array(biases)) : undefined,
    };
  }

  /** x [tokens, I] → output [tokens, H] and the state after each sequence's last step. No state given: as `initialState` says. */
  forward(x: Tensor, state?: RnnState): { output: Tensor; state: RnnState } {
    const { y, hN, earlierN } = this.record(x, state);
    return { output: y, state: { h: hN, ...(earlierN ? { earlier: earlierN } : {}) } };
  }

  private record(x: Tensor, state: RnnState | undefined): ScanOutputs {
    const { activation = 'tanh', order = 1 } = this.options;
    const inputs = this.weights.inputs(x, state);
    const attributes = { ...this.weights.attributes(x), activation };
    if (!isScan(this.options)) return rnnFused(inputs, attributes);
    const transition = this.transition.map(({ weight, bias }) => ({
      weight: weight.tensor(x.recording),
      bias: biasOf(bias, weight.shape[1]!, x.recording),
    }));
    return rnnScan({ ...inputs, transition }, { ...attributes, order });
  }

  apply(x: Tensor): Tensor {
    return this.applyInParts(x).output;
  }

  applyInParts(x: Tensor, states?: Tensors): { output: Tensor; parts: RnnState } {
    const { output, state } = this.forward(x, states as RnnState | undefined);
    return { output: this.weights.select(output, state.h), parts: state };
  }
}
