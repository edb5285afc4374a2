/**
 * A fixed extent, the name of a size that a run supplies ('batch', 'tokens', …), or a number that follows from such a size,
 * rounded up: '√steps', 'steps/100', 'min(steps,100)'.
 */
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
  return shape.map(dimension => extentOf(dimension, sizes));
}

export function extentOf(dimension: Dimension, sizes: Sizes): number {
  if (typeof dimension === 'number') return dimension;
  const supplied = sizes[dimension];
  if (supplied !== undefined) return supplied;
  const { size, follows } = formulaOf(dimension);
  return follows(sizes[size]!);
}

/** The size that a run supplies for a dimension; undefined for a fixed extent. */
export function suppliedSize(dimension: Dimension): string | undefined {
  return typeof dimension === 'number' ? undefined : formulaOf(dimension).size;
}

/** ⌈√size⌉ */
export function rootOf(size: Dimension): Dimension {
  return typeof size === 'number' ? Math.ceil(Math.sqrt(size)) : `√${size}`;
}

/** ⌈size / divisor⌉ */
export function quotientOf(size: Dimension, divisor: number): Dimension {
  return typeof size === 'number' ? Math.ceil(size / divisor) : `${size}/${divisor}`;
}

/** The size, but no more than `limit`. */
export function atMost(limit: number, size: Dimension): Dimension {
  return typeof size === 'number' ? Math.min(size, limit) : `min(${size},${limit})`;
}

/** The size that a named dimension stands for, and what follows from its value. */
function formulaOf(dimension: string): { size: string; follows: (value: number) => number } {
  const [, root, dividend, divisor, bounded, limit] =
    /^√(.+)$|^([^(]+)\/(\d+)$|^min\((.+),(\d+)\)$/.exec(dimension) ?? [];
  if (root) return { size: root, follows: value => Math.ceil(Math.sqrt(value)) };
  if (dividend) return { size: dividend, follows: value => Math.ceil(value / Number(divisor)) };
  if (bounded) return { size: bounded, follows: value => Math.min(value, Number(limit)) };
  return { size: dimension, follows: value => value };
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** The fixed extent of an axis, or undefined where it is a named size. Negative axes count from the end. */
export function fixedExtent(shape: Shape, axis: number): number | undefined {
  const dimension = shape.at(axis);
  return typeof dimension === 'number' ? dimension : undefined;
}
