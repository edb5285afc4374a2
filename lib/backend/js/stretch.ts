type Shape = readonly number[];

/**
 * Visits the elements of a tensor in rows along which two operands that are stretched to its shape advance evenly, by one
 * or not at all. Where neither is stretched there is one row of all elements.
 */
export function eachRow(
  shape: Shape,
  a: Shape,
  b: Shape,
  visit: (row: number, length: number, a: number, stepA: number, b: number, stepB: number) => void,
): void {
  const stridesA = stretchedStrides(a, shape);
  const stridesB = stretchedStrides(b, shape);
  let inner = shape.length;
  let length = 1;
  let stepA = 0;
  let stepB = 0;
  while (inner > 0) {
    const axis = inner - 1;
    const extent = shape[axis]!;
    if (length === 1) {
      stepA = stridesA[axis]!;
      stepB = stridesB[axis]!;
    } else if (extent > 1 && (stridesA[axis] !== stepA * length || stridesB[axis] !== stepB * length)) break;
    length *= extent;
    inner--;
  }
  const walk = (axis: number, row: number, p: number, q: number) => {
    if (axis === inner) {
      visit(row * length, length, p, stepA, q, stepB);
      return;
    }
    for (let i = 0; i < shape[axis]!; i++)
      walk(axis + 1, row * shape[axis]! + i, p + i * stridesA[axis]!, q + i * stridesB[axis]!);
  };
  walk(0, 0, 0, 0);
}

/** How far to move in a tensor of shape `from` per index of each axis of `to`: 0 along the axes it is stretched over. */
function stretchedStrides(from: Shape, to: Shape): number[] {
  const strides = new Array<number>(to.length).fill(0);
  let stride = 1;
  for (let axis = to.length - 1, own = from.length - 1; own >= 0; axis--, own--) {
    if (from[own]! > 1) strides[axis] = stride;
    stride *= from[own]!;
  }
  return strides;
}
