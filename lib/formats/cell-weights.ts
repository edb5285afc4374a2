import { type CellName, cells } from '../cells.ts';
import { rangeError } from '../errors.ts';

/** Row by row. */
type Matrix = readonly ArrayLike<number>[];

interface Split {
  readonly recurrent: Matrix;
  readonly input: Matrix;
}

/**
 * The weights of one gate as texts write them, a row for each unit. Split, R·h₋ + W·x + b: `recurrent` [size, size] and `input`
 * [size, inputSize]. Concatenated, W·[h₋, x] + b: `weight` [size, size + inputSize]. No bias is one of zeros.
 */
export type GateWeights = { readonly bias?: ArrayLike<number> } & (Split | { readonly weight: Matrix });

/** By the names and in the layout of a layer's parameters, for their `write`; a bias where any gate has one. */
export interface CellWeights {
  /** [inputSize, G·size] */
  readonly inputWeight: Float64Array;
  /** [size, G·size] */
  readonly recurrentWeight: Float64Array;
  /** [G·size] */
  readonly bias?: Float64Array;
}

/**
 * What rnn, gru and lstm layers hold of weights that a text or another program has gate by gate, in either form.
 *
 *   const weights = cellWeights('lstm', { i: { weight: W_i, bias: b_i }, f: { recurrent: U_f, input: W_f }, g: …, o: … });
 *   for (const [name, values] of Object.entries(weights)) model.parameter(`lstm.${name}`)!.write(values);
 *
 * @param gates by the names of `cells`: a; r z n; i f g o
 * @throws ERR_ARGUMENT where a gate is missing, ERR_SHAPE where a matrix or bias is not of the shape that the first gate implies
 */
export function cellWeights<C extends CellName>(
  cell: C,
  gates: Readonly<Record<(typeof cells)[C]['gates'][number], GateWeights>>,
): CellWeights {
  const names: readonly string[] = cells[cell].gates;
  const given: Readonly<Record<string, GateWeights | undefined>> = gates;
  const all = names.map(name => {
    const gate = given[name];
    if (!gate)
      throw rangeError('ERR_ARGUMENT', `cellWeights: ${cell} has the gates ${names.join(', ')}; got no ${name}`);
    return { bias: gate.bias, ...split(gate) };
  });
  const size = all[0]!.recurrent.length;
  const inputSize = all[0]!.input[0]?.length ?? 0;
  all.forEach(({ recurrent, input, bias }, index) => {
    checkMatrix(`the part of gate ${names[index]} on h`, recurrent, size, size);
    checkMatrix(`the part of gate ${names[index]} on x`, input, size, inputSize);
    if (bias) checkShape(`the bias of gate ${names[index]}`, [bias.length], [size]);
  });
  const sideBySide = (rows: number, part: 'recurrent' | 'input') =>
    Float64Array.from({ length: rows * all.length * size }, (_, at) => {
      const [row, column] = [Math.floor(at / (all.length * size)), at % (all.length * size)];
      return all[Math.floor(column / size)]![part][column % size]![row]!;
    });
  const biases = all.map(({ bias }) => bias ?? new Float64Array(size));
  return {
    inputWeight: sideBySide(inputSize, 'input'),
    recurrentWeight: sideBySide(size, 'recurrent'),
    ...(all.some(({ bias }) => bias) ? { bias: Float64Array.from(biases.flatMap(bias => Array.from(bias))) } : {}),
  };
}

function split(gate: Split | { readonly weight: Matrix }): Split {
  if (!('weight' in gate)) return gate;
  const rows = gate.weight.map(row => Array.from(row));
  return { recurrent: rows.map(row => row.slice(0, rows.length)), input: rows.map(row => row.slice(rows.length)) };
}

function checkMatrix(what: string, matrix: Matrix, rows: number, columns: number): void {
  const widths = [...new Set(matrix.map(({ length }) => length))].join(' or ') || '0';
  checkShape(what, [matrix.length, widths], [rows, columns]);
}

function checkShape(what: string, got: readonly (number | string)[], expected: readonly number[]): void {
  if (got.join() !== expected.join())
    throw rangeError(
      'ERR_SHAPE',
      `cellWeights: ${what} has shape [${got.join(', ')}], expected [${expected.join(', ')}]`,
    );
}
