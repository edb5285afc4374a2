import { countRows } from './merge-rows.ts';
import type { Integers, Twin, View } from './twin.ts';

type Inputs = Readonly<Record<`x${number}`, View> & Record<`at${number}`, Integers | undefined>>;

/** √Σx² over all elements of all inputs: of rows of a table, which come with `at`, over those that there are. */
export const globalNorm: Twin<Inputs, { norm: View }, object> = (inputs, { norm }) => {
  let sum = 0;
  for (let i = 0; inputs[`x${i}`]; i++) {
    const { data, shape } = inputs[`x${i}`]!;
    const at = inputs[`at${i}`]?.data;
    const count = at ? countRows(at) * shape.at(-1)! : data.length;
    for (let k = 0; k < count; k++) sum += data[k]! * data[k]!;
  }
  norm.data[0] = Math.sqrt(sum);
};
