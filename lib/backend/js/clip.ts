import type { Twin, Unary, View } from './twin.ts';

interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** y = min(max(x, low), high) */
export const clip: Unary<Bounds> = ({ x }, { y }, { low, high }) => {
  for (let k = 0; k < x.data.length; k++) y.data[k] = Math.min(Math.max(x.data[k]!, low), high);
};

/** dx = dy where low <= x <= high, else 0 */
export const clipGradient: Twin<{ x: View; dy: View }, { x: View }, Bounds> = ({ x, dy }, outputs, { low, high }) => {
  for (let k = 0; k < x.data.length; k++) outputs.x.data[k] = x.data[k]! < low || x.data[k]! > high ? 0 : dy.data[k]!;
};
