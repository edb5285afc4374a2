import { type CellName, cellNames } from '../../lib/cells.ts';
import { mixedOptions } from '../backend/conformance/cell-options.ts';
import { type CellCase, cellProgram, largestOf, plainCase } from '../backend/conformance/cell-program.ts';
import { Numbers } from '../backend/conformance/numbers.ts';
import { batchFor } from '../backend/conformance/trial.ts';
import type { Case } from './case.ts';

const ragged = (batch: number, longest: number) =>
  Array.from({ length: batch }, (_, index) => (index * 7 + 3) % (longest + 1));

/** Units and blocks of 16 with one more or less, single rows and many, one chunk of steps and several. */
const shapes = [
  { size: 1, inputSize: 1, lengths: [1] },
  { size: 7, inputSize: 3, lengths: [2, 9, 0, 5, 9, 1] },
  { size: 9, inputSize: 17, lengths: [4] },
  { size: 16, inputSize: 8, lengths: ragged(13, 9) },
  { size: 17, inputSize: 33, lengths: ragged(50, 5) },
  { size: 65, inputSize: 20, lengths: ragged(35, 24) },
  { size: 130, inputSize: 5, lengths: [20, 20] },
  { size: 5, inputSize: 3, lengths: ragged(700, 2) },
  { size: 24, inputSize: 9, lengths: [3, 200, 70] },
  { size: 33, inputSize: 31, lengths: ragged(8, 12) },
] as const;

/** Options that take different ways through the kernels. */
const variants: readonly Partial<CellCase>[] = [
  {},
  { biases: 'none', initialState: false },
  { direction: 'backward', masks: 'per gate', reset: 'before' },
  { rows: 7, biases: 'one' },
  { masks: 'shared', activation: 'relu', updateGate: 'write' },
  { rows: 60, direction: 'backward', masks: 'none', reset: 'before', updateGate: 'write' },
  { masks: 'shared', direction: 'backward', biases: 'one', initialState: false },
];

/** A pre-activation is of the order of 1, and relu does not grow along a long sequence. */
function cellCase(
  cell: CellName,
  { size, inputSize, lengths }: (typeof shapes)[number],
  turn: number,
  beside: Partial<CellCase> = {},
): Case {
  const options = plainCase(cell, { inputSize, size, ...variants[turn % variants.length], ...beside });
  const program = cellProgram(options, 'train');
  const name = [
    `${cell} ${inputSize}→${size}`,
    `${lengths.length} sequences of at most ${Math.max(...lengths)}`,
    ...(options.rows > 0 ? [`table of ${options.rows}`] : []),
    options.direction,
    `masks ${options.masks}`,
    ...(options.quantize ? [options.quantize] : []),
    ...(cell === 'gru' ? [`reset ${options.reset}`, options.updateGate] : []),
    ...(cell === 'rnn' ? [options.activation] : []),
    ...(beside.options
      ? [`with ${[...Object.keys(beside.options), ...(beside.zoned ? ['zone masks'] : [])].join(', ')}`]
      : []),
  ].join(', ');
  return {
    name,
    program,
    batches: [batchFor(program, new Numbers(19), { lengths, largest: largestOf, below: { ids: options.rows } })],
  };
}

/** Recurrent layers forward and backward; every shape with two variants, other ones for each cell, some with options. */
export function cellCases(): Case[] {
  return cellNames.flatMap((cell, which) => [
    ...shapes.flatMap((shape, index) => [0, 3].map(more => cellCase(cell, shape, index + 2 * which + more))),
    ...mixedOptions(cell).map((beside, index) =>
      cellCase(cell, shapes[(2 * index + 5) % shapes.length]!, index, beside),
    ),
    ...[3, 5, 8].map(shape => cellCase(cell, shapes[shape]!, shape + which, { quantize: 'bfloat16' })),
  ]);
}
