import { checkIndex } from './indices.ts';
import type { Integers, Twin, View } from './twin.ts';

/** y[ids[i]] += x[i], from zeros; rows with the id −1 or `ignore` are left out. */
export const scatterAdd: Twin<{ x: View; ids: Integers }, { y: View }, { ignore: number }> = (
  { x, ids },
  { y },
  { ignore },
  run,
) => {
  const [rows, columns] = y.shape as [number, number];
  const sums = run.doubles(y.data.length);
  for (let i = 0; i < ids.data.length; i++) {
    const id = ids.data[i]!;
    if (id === -1 || id === ignore) continue;
    checkIndex('scatterAdd', 'ids', i, id, rows);
    const from = i * columns;
    const to = id * columns;
    for (let j = 0; j < columns; j++) sums[to + j]! += x.data[from + j]!;
  }
  y.data.set(sums);
};
