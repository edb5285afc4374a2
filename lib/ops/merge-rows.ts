import { type OutputSpec, operation } from '../program/operation.ts';
import { sameShape } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';

/** Rows of a table whose other rows are 0: how many there are shows in a run. No row of the table stands there twice. */
export interface TableRows {
  /** [n, E], or more axes in place of n */
  readonly rows: Tensor;
  /** int32 [n]: which row of the table each one is. From the first −1 on there are none, and what `rows` holds means nothing. */
  readonly at: Tensor;
}

/** x0, ids0, x1, ids1, … → rows0, at0, rows1, at1, … of the same shapes. */
const mergeRows = operation<Record<string, Tensor>, string, { rows: number; ignore: number }>('mergeRows', {
  shape: inputs => {
    const outputs: Record<string, OutputSpec> = {};
    for (let k = 0; inputs[`x${k}`]; k++) {
      outputs[`rows${k}`] = { shape: inputs[`x${k}`]!.shape };
      outputs[`at${k}`] = { shape: inputs[`ids${k}`]!.shape, dtype: 'int32' };
    }
    return outputs;
  },
});

/**
 * A table that was added up from rows (by scatterAdd, or as a sum of such tables that leave out the same id), without the
 * table: the rows of one id become one, in the order in which ids occur. As many `TableRows` as there were scatterAdds, each
 * with the ids that were not met before. Undefined for any other tensor.
 */
export function tableRows(table: Tensor): readonly TableRows[] | undefined {
  const addends = addendsOf(table);
  if (!addends) return undefined;
  const { ignore } = addends[0]!;
  if (addends.some(addend => addend.ignore !== ignore)) return undefined;
  const inputs = addends.flatMap(({ x, ids }, k) => [[`x${k}`, x] as const, [`ids${k}`, ids] as const]);
  const merged = mergeRows(Object.fromEntries(inputs), { rows: table.shape[0] as number, ignore });
  return addends.map((_, k) => ({ rows: merged[`rows${k}`]!, at: merged[`at${k}`]! }));
}

/** What scatterAdd was given. */
interface Addend {
  readonly x: Tensor;
  readonly ids: Tensor;
  readonly ignore: number;
}

/** The rows that a table was added up from, where that is how it came about. */
function addendsOf(table: Tensor): readonly Addend[] | undefined {
  const step = table.recording.tape.find(({ outputs }) => outputs.y === table);
  if (step?.operation.name === 'scatterAdd')
    return [{ x: step.inputs.x!, ids: step.inputs.ids!, ignore: step.attributes.ignore as number }];
  if (step?.operation.name !== 'add') return undefined;
  const [a, b] = [step.inputs.a!, step.inputs.b!].map(term => sameShape(term.shape, table.shape) && addendsOf(term));
  return a && b ? [...a, ...b] : undefined;
}
