import { addProduct, addTransposedProduct, asMatrix, transpose } from './matrix.ts';
import type { Twin, View } from './twin.ts';

/** y = a·b + bias, with a or b transposed. */
export const matmul: Twin<
  { a: View; b: View; bias?: View },
  { y: View },
  { transposeA: boolean; transposeB: boolean }
> = ({ a, b, bias }, { y }, { transposeA, transposeB }, run) => {
  const left = asMatrix(a);
  const right = asMatrix(b);
  const product = asMatrix(y);
  y.data.fill(0);
  if (bias) for (let row = 0; row < product.rows; row++) y.data.set(bias.data, row * product.columns);
  if (transposeA) addTransposedProduct(product, left, right, run);
  else addProduct(product, left, transposeB ? right : transpose(right, run.reals(b.data.length)));
};
