import { addProduct, matrix, transpose } from './matrix.ts';
import type { Twin, View } from './twin.ts';

/** y = a·b for each index of the leading axes, with a or b transposed. */
export const batchMatmul: Twin<{ a: View; b: View }, { y: View }, { transposeA: boolean; transposeB: boolean }> = (
  { a, b },
  { y },
  { transposeA, transposeB },
  run,
) => {
  const [aRows, aColumns] = a.shape.slice(-2) as [number, number];
  const [bRows, bColumns] = b.shape.slice(-2) as [number, number];
  const [rows, columns] = y.shape.slice(-2) as [number, number];
  const turnedA = run.reals(aRows * aColumns);
  const turnedB = run.reals(bRows * bColumns);
  const count = y.shape.slice(0, -2).reduce((product, extent) => product * extent, 1);
  y.data.fill(0);
  for (let i = 0; i < count; i++) {
    const left = matrix(a.data, aRows, aColumns, i * aRows * aColumns);
    const right = matrix(b.data, bRows, bColumns, i * bRows * bColumns);
    addProduct(
      matrix(y.data, rows, columns, i * rows * columns),
      transposeA ? transpose(left, turnedA) : left,
      transposeB ? right : transpose(right, turnedB),
    );
  }
};
