import type { Twin, View } from './twin.ts';

/** √Σx² over all elements of all inputs. */
export const globalNorm: Twin<Readonly<Record<string, View>>, { norm: View }, object> = (inputs, { norm }) => {
  let sum = 0;
  for (const { data } of Object.values(inputs)) for (let k = 0; k < data.length; k++) sum += data[k]! * data[k]!;
  norm.data[0] = Math.sqrt(sum);
};
