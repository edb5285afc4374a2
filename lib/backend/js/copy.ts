import type { NumberArray } from '../backend.ts';
import type { Twin, View } from './twin.ts';

/** y = x */
export const copy: Twin<{ x: View<NumberArray> }, { y: View<NumberArray> }, object> = ({ x }, { y }) => {
  y.data.set(x.data);
};
