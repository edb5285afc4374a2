import type { Activation } from '../activations.ts';
import type { Dimension } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';
import { add } from './add.ts';
import { activationsOf, type CellOptions, checkCellOptions } from './cell-options.ts';
import { concat } from './concat.ts';
import { matmul } from './matmul.ts';
import { multiply } from './multiply.ts';
import type { Direction } from './recurrent.ts';
import { reshape } from './reshape.ts';
import { activated, expectShape, product, type ScanInputs, type ScanOutputs, scanCell } from './scan-cell.ts';
import { slice } from './slice.ts';
import { sum } from './sum.ts';

/** A layer between the states of two steps. */
export interface TransitionLayer {
  /** [units before it, its units] */
  readonly weight: Tensor;
  /** [its units] */
  readonly bias?: Tensor | undefined;
}

/** Of order k, with H units, and h R wide: that of the last layer of the transition, or H. */
export interface RnnScanInputs extends Omit<ScanInputs, 'recurrentWeight' | 'c' | 'zoneC'> {
  /** [k·R, H], newest state first; or [k, 1], a number for each state, where R is H */
  recurrentWeight: Tensor;
  /** What comes after the H units. Default: nothing. */
  transition?: readonly TransitionLayer[];
}

export interface RnnScanAttributes extends CellOptions {
  readonly direction: Direction;
  /** Default 'tanh'. */
  readonly activation?: Activation;
  /** How many states back a step looks. Default 1. */
  readonly order?: number;
}

/**
 * Simple recurrent network with all of its options, as a scan. Without those that it alone has it computes what `rnn` does.
 *
 *   a = x·W + b + h₋₁·R₁ + … + h₋ₖ·Rₖ + b_R      h = f(… f(f(a)·V₁ + d₁) …·Vₙ + dₙ)
 *
 * Order k: Soltani & Jiang 2016, "Higher order recurrent neural networks". The transition V, d: Pascanu et al. 2014, "How to
 * construct deep recurrent neural networks". R₁ … Rₖ may be a number each. The clip bounds what enters every f.
 * @throws ERR_SHAPE
 */
export function rnnScan(
  { transition = [], ...inputs }: RnnScanInputs,
  { direction, activation = 'tanh', activations, clip, zoneoutH, order = 1 }: RnnScanAttributes,
): ScanOutputs {
  checkCellOptions('rnnScan', 'rnn', { activations, clip, zoneoutH });
  const { inputWeight, bias, recurrentWeight, recurrentBias } = inputs;
  const hidden = inputWeight.shape[1] as number;
  const output = transition.reduce((width, { weight, bias }, index) => {
    const units = weight.shape[1] as number;
    expectShape('rnnScan', `the weight of transition[${index}]`, weight, [width, units]);
    expectShape('rnnScan', `the bias of transition[${index}]`, bias, [units]);
    return units;
  }, hidden);
  const scalar = recurrentWeight.shape[1] === 1 && recurrentWeight.shape[0] === order && output === hidden;
  const functions = activationsOf('rnn', { activations: { a: activation, ...activations } });
  const f = (a: Tensor) => activated(a, functions.a!, clip);

  const fromStates = (states: Tensor, mask: Tensor | undefined): Tensor => {
    if (!scalar) return product(states, recurrentWeight, { gates: 1, bias: recurrentBias, mask });
    const read = mask ? multiply(states, mask) : states;
    const each = reshape(read, [read.shape[0] as Dimension, order, output]);
    const summed = sum(multiply(each, recurrentWeight), { axis: 1 });
    return recurrentBias ? add(summed, recurrentBias) : summed;
  };

  return scanCell(
    'rnn',
    inputs,
    { direction, activations: functions, zoneout: { h: zoneoutH }, gates: 1, hidden, output, order, scalar },
    ({ x, h, earlier, maskX, maskH }) => {
      const past = earlier ? concat([h, earlier]) : h;
      const a = f(add(product(x, inputWeight, { gates: 1, bias, mask: maskX }), fromStates(past, maskH)));
      const next = transition.reduce((y, { weight, bias }) => f(matmul(y, weight, { bias })), a);
      const older = earlier && { earlier: slice(past, { axis: -1, start: 0, stop: -output }) };
      return { gates: { a }, states: { h: next, ...older } };
    },
  );
}
