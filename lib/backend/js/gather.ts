import { checkIndex } from './indices.ts';
import type { Integers, Twin, View } from './twin.ts';

/** y[i] = table[ids[i]] */
export const gather: Twin<{ table: View; ids: Integers }, { y: View }, object> = ({ table, ids }, { y }) => {
  const [rows, columns] = table.shape as [number, number];
  for (let i = 0; i < ids.data.length; i++) {
    const id = ids.data[i]!;
    checkIndex('gather', 'ids', i, id, rows);
    const from = id * columns;
    const to = i * columns;
    for (let j = 0; j < columns; j++) y.data[to + j] = table.data[from + j]!;
  }
};
