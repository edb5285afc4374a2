import { checkIndex } from './indices.ts';
import type { Integers, Twin, View } from './twin.ts';

type Addends = Readonly<Record<`x${number}`, View> & Record<`ids${number}`, Integers>>;
/** Row i of rows0 is row at0[i] of a table, up to the first −1; then those of rows1, … No row of the table comes twice. */
export type TableRows = Readonly<Record<`rows${number}`, View> & Record<`at${number}`, Integers>>;

/** All rows of an id added up, in the order in which ids occur; rows with the id −1 or `ignore` are left out. */
export const mergeRows: Twin<Addends, TableRows, { rows: number; ignore: number }> = (
  inputs,
  outputs,
  { rows, ignore },
  run,
) => {
  const sums = new Map<number, Float64Array>();
  const merged: Float64Array[] = [];
  for (let k = 0; inputs[`x${k}`]; k++) {
    const x = inputs[`x${k}`]!;
    const ids = inputs[`ids${k}`]!.data;
    const at = outputs[`at${k}`]!.data.fill(-1);
    const columns = x.shape.at(-1)!;
    merged[k] = run.doubles(x.data.length);
    let count = 0;
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i]!;
      if (id === -1 || id === ignore) continue;
      checkIndex('mergeRows', `ids${k}`, i, id, rows);
      if (!sums.has(id)) {
        sums.set(id, merged[k]!.subarray(count * columns, (count + 1) * columns));
        at[count++] = id;
      }
      const sum = sums.get(id)!;
      for (let j = 0; j < columns; j++) sum[j]! += x.data[i * columns + j]!;
    }
  }
  for (const [k, sum] of merged.entries()) outputs[`rows${k}`]!.data.set(sum);
};

/** How many rows there are. */
export function countRows(at: Int32Array): number {
  const end = at.indexOf(-1);
  return end < 0 ? at.length : end;
}
