/**
 * Weights and data that every contender makes for itself, bit for bit alike: element k of a named stream is a hash of the
 * name and k. The hash is the finalizer of MurmurHash3 (Appleby); contenders/pytorch.py and contenders/onednn/generate.h have it too.
 */

/** FNV-1a of the name. */
function seedOf(stream: string): number {
  let hash = 2166136261;
  for (let at = 0; at < stream.length; at++) hash = Math.imul(hash ^ stream.charCodeAt(at), 16777619);
  return hash;
}

/** In [0, 1), a multiple of 2⁻²⁴. */
function uniform(seed: number, index: number): number {
  let hash = (seed + Math.imul(index, 0x9e3779b9)) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 8) / 2 ** 24;
}

/** Uniform in [−scale, scale). */
export function reals(stream: string, count: number, scale: number): Float32Array {
  const seed = seedOf(stream);
  const values = new Float32Array(count);
  for (let index = 0; index < count; index++) values[index] = scale * (2 * uniform(seed, index) - 1);
  return values;
}

/** Uniform in 0…below−1. */
export function integers(stream: string, count: number, below: number): Int32Array {
  const seed = seedOf(stream);
  const values = new Int32Array(count);
  for (let index = 0; index < count; index++) values[index] = Math.floor(below * uniform(seed, index));
  return values;
}

/** Two numbers that tell arrays apart: the L2 norm, and the product with a fixed random vector, which sees the order. */
export type Fingerprint = readonly [norm: number, projection: number];

export function fingerprint(values: ArrayLike<number>): Fingerprint {
  const seed = seedOf('projection');
  let squares = 0;
  let projection = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    squares += value * value;
    projection += value * (2 * uniform(seed, index) - 1);
  }
  return [Math.sqrt(squares), projection];
}
