import type { Twin, View } from './twin.ts';

/** y = the numbers of the attribute `values` */
export const constant: Twin<object, { y: View }, { values: readonly number[] }> = (_, { y }, { values }) => {
  y.data.set(values);
};
