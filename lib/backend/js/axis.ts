/** A tensor as blocks of contiguous elements, one block for each index of the axes before `axis`. */
export function blocksAlong(shape: readonly number[], axis: number): { count: number; length: number; inner: number } {
  const product = (extents: readonly number[]) => extents.reduce((elements, extent) => elements * extent, 1);
  const inner = product(shape.slice(axis + 1));
  return { count: product(shape.slice(0, axis)), length: shape[axis]! * inner, inner };
}
