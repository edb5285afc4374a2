import type { Twin, View } from './twin.ts';

/** y = value */
export const fill: Twin<object, { y: View }, { value: number }> = (_, { y }, { value }) => {
  y.data.fill(value);
};
