import type { CellName } from '../cells.ts';
import { activations } from '../layers/activation.ts';
import { add } from '../ops/add.ts';
import { matmul } from '../ops/matmul.ts';
import { multiply } from '../ops/multiply.ts';
import { sigmoid } from '../ops/sigmoid.ts';
import { slice } from '../ops/slice.ts';
import { subtract } from '../ops/subtract.ts';
import { tanh } from '../ops/tanh.ts';
import type { Attributes } from '../program/program.ts';
import type { Tensor } from '../program/tensor.ts';

type Tensors = Readonly<Record<string, Tensor>>;

export interface StepInputs {
  /** [rows, I] */
  readonly x: Tensor;
  /** Before the step, by their names in cells.ts: [rows, H] each. */
  readonly states: Tensors;
  /** What is added to the states as the step makes them; nothing but zeros, which a gradient can be asked of. */
  readonly nudges: Tensors;
  /** As the cell's operation has them: inputWeight, recurrentWeight, bias, recurrentBias. */
  readonly weights: Readonly<Record<string, Tensor | undefined>>;
}

export interface WrittenStep {
  readonly states: Tensors;
  /** Values by their names in cells.ts: [rows, H] each. */
  readonly gates: Tensors;
}

/**
 * The cells in plain operations, equal to the fused ones of lib/ops but for rounding: whatever happens inside of a step can be
 * looked at and differentiated by.
 */
export const writtenCells = {
  rnn({ x, states: { h }, nudges, weights }, { activation }) {
    const a = activations[activation as 'tanh' | 'relu'](preActivation(weights, 0, x, h!));
    return { gates: { a }, states: { h: add(a, nudges.h!) } };
  },

  gru({ x, states, nudges, weights }, { reset, updateGate }) {
    const h = states.h!;
    const r = sigmoid(preActivation(weights, 0, x, h));
    const z = sigmoid(preActivation(weights, 1, x, h));
    const n = tanh(
      reset === 'after'
        ? add(fromInput(weights, 2, x), multiply(r, fromState(weights, 2, h)))
        : preActivation(weights, 2, x, multiply(r, h)),
    );
    const [from, to] = updateGate === 'keep' ? [n, h] : [h, n];
    return { gates: { r, z, n }, states: { h: add(add(from, multiply(z, subtract(to, from))), nudges.h!) } };
  },

  lstm({ x, states: { h, c: cPrevious }, nudges, weights }) {
    const a = (gate: number) => preActivation(weights, gate, x, h!);
    const [i, f, g, o] = [sigmoid(a(0)), sigmoid(a(1)), tanh(a(2)), sigmoid(a(3))];
    const c = add(add(multiply(f, cPrevious!), multiply(i, g)), nudges.c!);
    return { gates: { i, f, g, o }, states: { h: add(multiply(o, tanh(c)), nudges.h!), c } };
  },
} as const satisfies Readonly<Record<CellName, (inputs: StepInputs, attributes: Attributes) => WrittenStep>>;

/** x·W + b + h₋·R + b_R of one gate. */
function preActivation(weights: StepInputs['weights'], gate: number, x: Tensor, h: Tensor): Tensor {
  return add(fromInput(weights, gate, x), fromState(weights, gate, h));
}

function fromInput({ inputWeight, recurrentWeight, bias }: StepInputs['weights'], gate: number, x: Tensor): Tensor {
  const size = recurrentWeight!.shape[0] as number;
  return matmul(x, columnsOf(inputWeight!, gate, size), { bias: bias && columnsOf(bias, gate, size) });
}

function fromState({ recurrentWeight, recurrentBias }: StepInputs['weights'], gate: number, h: Tensor): Tensor {
  const size = recurrentWeight!.shape[0] as number;
  const bias = recurrentBias && columnsOf(recurrentBias, gate, size);
  return matmul(h, columnsOf(recurrentWeight!, gate, size), { bias });
}

function columnsOf(weights: Tensor, gate: number, size: number): Tensor {
  return slice(weights, { axis: -1, start: gate * size, stop: (gate + 1) * size });
}
