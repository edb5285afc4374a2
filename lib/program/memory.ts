import { lifetimes } from './plan.ts';
import type { BufferSpec, ProgramData } from './program.ts';
import { extentOf, type Sizes } from './shape.ts';

/**
 * Bytes as a sum of products of named sizes: from each product, 'batch·√input.steps' or '' for 1, to its factor. Largest factors
 * first, the fixed part last.
 */
export type Bytes = ReadonlyMap<string, number>;

/** What a program needs in float32; twice as much of real numbers in float64. */
export interface MemoryUse {
  /**
   * Of the buffers that live at once, between one step and the next: the most for each product of sizes, so never too little.
   * A backend rounds the sizes up to powers of two when it makes room, and touches what it uses of it.
   */
  readonly buffers: Bytes;
  /** What a run is given. */
  readonly feeds: Bytes;
  /** What outlives a run: parameters, gradients, optimizer state. */
  readonly storage: Bytes;
}

/** Of either dtype, in float32. */
const elementBytes = 4;

/**
 * The memory that a program needs as it follows from its buffers. What a backend keeps for itself is not in it: packed weights,
 * and what an operation needs while it works (docs/performance.md).
 */
export function memoryOf(program: ProgramData): MemoryUse {
  const lives = [...lifetimes(program)].map(([id, life]) => ({ ...life, bytes: bytesOf(program.buffers[id]!) }));
  const most = new Map<string, number>();
  for (let step = 0; step <= program.steps.length; step++) {
    const now = sum(lives.filter(({ first, last }) => first <= step && step <= last).map(({ bytes }) => bytes));
    for (const [product, factor] of now) most.set(product, Math.max(factor, most.get(product) ?? 0));
  }
  return {
    buffers: sum(most),
    feeds: sum(program.buffers.filter(({ role }) => role === 'feed').map(bytesOf)),
    storage: sum(program.storages.map(({ elements }) => ['', elements * elementBytes] as const)),
  };
}

/** How many bytes these are in a run of these sizes. */
export function bytesAt(bytes: Bytes, sizes: Sizes): number {
  let total = 0;
  for (const [product, factor] of bytes)
    total += product.split('·').reduce((value, name) => (name ? value * extentOf(name, sizes) : value), factor);
  return total;
}

/** `2.56 KB·input.tokens + 1 KB·batch + 40 B`; 1 KB = 1024 bytes. */
export function describeBytes(bytes: Bytes): string {
  return [...bytes].map(([product, factor]) => `${inUnits(factor)}${product && `·${product}`}`).join(' + ') || '0 B';
}

function bytesOf({ shape }: BufferSpec): readonly [product: string, factor: number] {
  const named = shape.filter(dimension => typeof dimension === 'string').sort();
  const extents = shape.filter(dimension => typeof dimension === 'number');
  return [named.join('·'), extents.reduce((product, extent) => product * extent, elementBytes)];
}

function sum(terms: Iterable<readonly [product: string, factor: number]>): Bytes {
  const total = new Map<string, number>();
  for (const [product, factor] of terms) total.set(product, (total.get(product) ?? 0) + factor);
  const fixedLast = (product: string) => (product ? 0 : 1);
  return new Map([...total].sort(([a, x], [b, y]) => fixedLast(a) - fixedLast(b) || y - x));
}

function inUnits(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  const unit = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${Number((bytes / 1024 ** unit).toPrecision(3))} ${units[unit]}`;
}
