/** A fixed extent, or the name of a size that a run supplies ('batch', 'tokens', …). */
export type Dimension = number | string;
export type Shape = readonly Dimension[];
/** The value of every named size in one run. */
export type Sizes = Readonly<Record<string, number>>;

/** `real` is float32, or float64 on a backend of that precision. */
export type DType = 'real' | 'int32';

export function describeShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dimension, axis) => dimension === b[axis]);
}

/** The shape with every named size replaced by its value. */
export function resolveShape(shape: Shape, sizes: Sizes): number[] {
  return shape.map(dimension => (typeof dimension === 'number' ? dimension : sizes[dimension]!));
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** The fixed extent of an axis, or undefined where it is a named size. Negative axes count from the end. */
export function fixedExtent(shape: Shape, axis: number): number | undefined {
  const dimension = shape.at(axis);
  return typeof dimension === 'number' ? dimension : undefined;
}
