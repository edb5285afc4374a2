import type { Activation, ActivationName } from '../activations.ts';
import type { CellName } from '../cells.ts';
import { rangeError } from '../errors.ts';

export interface RecurrentOperator {
  readonly cell: CellName;
  /** The operator's own names, in its order. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Of the activations of one direction, in their order: the gates that each is for. */
  readonly activations: readonly (readonly string[])[];
  /** Attributes that the others do not have. */
  readonly flags: readonly string[];
}

const shared = ['X', 'W', 'R', 'B', 'sequence_lens', 'initial_h'];

/** Opsets 14 and 22, which differ in element types only. */
export const recurrentOperators: Readonly<Record<string, RecurrentOperator>> = {
  RNN: {
    cell: 'rnn',
    inputs: shared,
    outputs: ['Y', 'Y_h'],
    activations: [['a']],
    flags: [],
  },
  GRU: {
    cell: 'gru',
    inputs: shared,
    outputs: ['Y', 'Y_h'],
    activations: [['r', 'z'], ['n']],
    flags: ['linear_before_reset'],
  },
  LSTM: {
    cell: 'lstm',
    inputs: [...shared, 'initial_c', 'P'],
    outputs: ['Y', 'Y_h', 'Y_c'],
    activations: [['i', 'f', 'o'], ['g'], ['c']],
    flags: ['input_forget'],
  },
};

/** Activations by ONNX's names, in lower case, and which numbers each takes. */
const activationNames: Readonly<Record<string, { name: ActivationName; takes: readonly ('alpha' | 'beta')[] }>> = {
  affine: { name: 'affine', takes: ['alpha', 'beta'] },
  elu: { name: 'elu', takes: ['alpha'] },
  hardsigmoid: { name: 'hardSigmoid', takes: ['alpha', 'beta'] },
  leakyrelu: { name: 'leakyRelu', takes: ['alpha'] },
  relu: { name: 'relu', takes: [] },
  scaledtanh: { name: 'scaledTanh', takes: ['alpha', 'beta'] },
  sigmoid: { name: 'sigmoid', takes: [] },
  softplus: { name: 'softplus', takes: [] },
  softsign: { name: 'softsign', takes: [] },
  tanh: { name: 'tanh', takes: [] },
  thresholdedrelu: { name: 'thresholdedRelu', takes: ['alpha'] },
};

/**
 * The activations that the names of a node mean, whatever their case. Those that have an alpha or a beta take the next one of the
 * list, and ONNX's default where the list has ended.
 * @throws ERR_ARGUMENT for a name that ONNX does not know
 */
export function activationsOf(
  operator: string,
  names: readonly string[],
  numbers: Readonly<Record<'alpha' | 'beta', readonly number[]>>,
): Activation[] {
  const next = { alpha: 0, beta: 0 };
  return names.map(given => {
    const key = given.toLowerCase();
    const known = Object.hasOwn(activationNames, key) ? activationNames[key] : undefined;
    if (!known)
      throw rangeError(
        'ERR_ARGUMENT',
        `${operator}: there is no activation ${given}; there are ${Object.keys(activationNames).join(', ')}, whatever their case`,
      );
    const taken = known.takes.flatMap(which => {
      const value = numbers[which][next[which]++];
      return value === undefined ? [] : [[which, value] as const];
    });
    return taken.length > 0 ? { name: known.name, ...Object.fromEntries(taken) } : known.name;
  });
}
