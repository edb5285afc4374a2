import type { Twin, Unary, View } from './twin.ts';

interface Attributes {
  readonly beta: number;
}

/** y = x²/(2β) where |x| < β, else |x| − β/2 */
export const smoothAbs: Unary<Attributes> = ({ x }, { y }, { beta }) => {
  for (let k = 0; k < x.data.length; k++) {
    const size = Math.abs(x.data[k]!);
    y.data[k] = size < beta ? size ** 2 / (2 * beta) : size - beta / 2;
  }
};

/** dx = dy·x/β where |x| < β, else dy·sign(x) */
export const smoothAbsGradient: Twin<{ x: View; dy: View }, { x: View }, Attributes> = (
  { x, dy },
  outputs,
  { beta },
) => {
  for (let k = 0; k < x.data.length; k++) {
    const value = x.data[k]!;
    outputs.x.data[k] = dy.data[k]! * (Math.abs(value) < beta ? value / beta : Math.sign(value));
  }
};
