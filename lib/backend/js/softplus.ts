/** ln(1 + eˣ), without overflow and, where it is small, to the precision of eˣ */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}
