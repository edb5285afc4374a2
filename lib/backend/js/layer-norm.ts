import type { RealArray } from '../backend.ts';
import type { Twin, View } from './twin.ts';

interface Epsilon {
  readonly epsilon: number;
}
type Forward = Twin<{ x: View; gain?: View; shift?: View }, { y: View }, Epsilon>;
type Backward = Twin<{ x: View; gain?: View; dy: View }, { x: View }, Epsilon>;

/** y = x̂⊙gain + shift, x̂ = (x − μ)/√(σ² + ε) with the mean and the variance of each row. */
export const layerNorm: Forward = ({ x, gain, shift }, { y }, { epsilon }) => {
  eachRow(x, epsilon, (start, end, { mean, inverse }) => {
    for (let k = start; k < end; k++)
      y.data[k] = (x.data[k]! - mean) * inverse * repeated(gain, k, 1) + repeated(shift, k, 0);
  });
};

/** dx = (g − mean(g) − x̂·mean(g⊙x̂))/√(σ² + ε), g = dy⊙gain */
export const layerNormGradient: Backward = ({ x, gain, dy }, outputs, { epsilon }) => {
  eachRow(x, epsilon, (start, end, { mean, inverse }) => {
    let sum = 0;
    let along = 0;
    for (let k = start; k < end; k++) {
      const g = dy.data[k]! * repeated(gain, k, 1);
      sum += g;
      along += g * (x.data[k]! - mean) * inverse;
    }
    const count = end - start;
    for (let k = start; k < end; k++) {
      const g = dy.data[k]! * repeated(gain, k, 1);
      outputs.x.data[k] = (g - sum / count - ((x.data[k]! - mean) * inverse * along) / count) * inverse;
    }
  });
};

interface Moments {
  readonly mean: number;
  /** 1/√(σ² + ε) */
  readonly inverse: number;
}

function eachRow({ data, shape }: View, epsilon: number, row: (start: number, end: number, of: Moments) => void): void {
  const columns = shape.at(-1)!;
  for (let start = 0; start < data.length; start += columns)
    row(start, start + columns, momentsOf(data, start, start + columns, epsilon));
}

function momentsOf(x: RealArray, start: number, end: number, epsilon: number): Moments {
  let sum = 0;
  for (let k = start; k < end; k++) sum += x[k]!;
  const mean = sum / (end - start);
  let squares = 0;
  for (let k = start; k < end; k++) squares += (x[k]! - mean) ** 2;
  return { mean, inverse: 1 / Math.sqrt(squares / (end - start) + epsilon) };
}

/** Element k of what goes along the last axes, over and over. */
function repeated(view: View | undefined, k: number, otherwise: number): number {
  return view ? view.data[k % view.data.length]! : otherwise;
}
