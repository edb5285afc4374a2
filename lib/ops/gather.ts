import { rangeError, typeError } from '../errors.ts';
import { operation } from '../program/operation.ts';
import { describeShape } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';
import { scatterAdd } from './scatter-add.ts';

const op = operation<{ table: Tensor; ids: Tensor }, 'y', { ignore: number }>('gather', {
  shape: ({ table, ids }) => {
    if (table.shape.length !== 2)
      throw rangeError(
        'ERR_SHAPE',
        `gather: the table has shape ${describeShape(table.shape)}, expected [rows, features]`,
      );
    if (ids.dtype !== 'int32') throw typeError('ERR_ARGUMENT', `gather: ids must be int32, got ${ids.dtype}`);
    return { y: { shape: [...ids.shape, table.shape[1]!] } };
  },
  gradient: ({ inputs: { table, ids }, gradients: { y: dy }, attributes: { ignore } }) => ({
    table: scatterAdd(dy!, ids, { rows: table.shape[0]!, ignore }),
  }),
});

/** Rows of a table as they are named: what reads them may do without a copy of each. */
export interface Rows {
  /** [V, E] */
  readonly table: Tensor;
  /** int32 [...] */
  readonly ids: Tensor;
  /** An id whose row gets no gradient; −1: none. */
  readonly ignore: number;
}

/** The rows that a tensor was gathered from, where that is how it came about. */
export function rowsOf(x: Tensor): Rows | undefined {
  const step = x.recording.tape.find(({ outputs }) => outputs.y === x);
  if (step?.operation.name !== 'gather') return undefined;
  return { table: step.inputs.table!, ids: step.inputs.ids!, ignore: step.attributes.ignore as number };
}

/** Rows of a table: table [V, E], ids int32 [...] → [..., E]. An id outside 0…V−1 fails the run with ERR_INDEX. */
export function gather(
  table: Tensor,
  ids: Tensor,
  {
    ignore = -1,
  }: {
    /** An id whose row gets no gradient (a padding index). Default −1, none. */
    ignore?: number;
  } = {},
): Tensor {
  return op({ table, ids }, { ignore }).y;
}
