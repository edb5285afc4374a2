import { type BufferSpec, Program, type ProgramData, type Step, type StorageSpec } from '../../lib/program/program.ts';

/** Programs out of matrix products alone, written down as data: what the engine's tests run. */

export const square = 64;

const product = (a: number, b: number, y: number): Step => ({
  op: 'matmul',
  attributes: { transposeA: false, transposeB: false },
  inputs: { a, b },
  outputs: { y },
});

const matrix = (name: string, role: BufferSpec['role'], size = square): BufferSpec => ({
  name,
  role,
  dtype: 'real',
  shape: [size, size],
  ...(role === 'state' || role === 'parameter' ? { storage: { name: 'memory', offset: 0 } } : {}),
});

const scalar = (name: string, role: BufferSpec['role']): BufferSpec => ({ name, role, dtype: 'real', shape: [1, 1] });

const memory: StorageSpec = { name: 'memory', dtype: 'real', elements: square * square };

/** Writes `loss` = x·one and then, past the commit point, a·a into storage, after `delay` products that take a while. */
export function writingProgram(delay = 0, size = 512): Program {
  const buffers: BufferSpec[] = [
    matrix('a', 'feed'),
    scalar('x', 'feed'),
    scalar('one', 'feed'),
    scalar('loss', 'result'),
    matrix('memory', 'state'),
    matrix('big', 'feed', size),
  ];
  const steps: Step[] = [product(1, 2, 3)];
  for (let i = 0; i < delay; i++) {
    buffers.push(matrix(`delay ${i}`, 'scratch', size));
    steps.push(product(5, i === 0 ? 5 : buffers.length - 2, buffers.length - 1));
  }
  const commit = steps.length;
  steps.push(product(0, 0, 4));
  return new Program({ sizes: [], storages: [memory], buffers, steps, commit, checks: [3] });
}

/** Reads what `writingProgram` writes: y = memory·a. */
export function readingProgram(): Program {
  return new Program({
    sizes: [],
    storages: [memory],
    buffers: [matrix('a', 'feed'), matrix('memory', 'parameter'), matrix('y', 'result')],
    steps: [product(1, 0, 2)],
    commit: 1,
    checks: [],
  });
}

/** y = a·b, then z = y·b, over a named size. */
export const chain: ProgramData = {
  sizes: ['batch'],
  storages: [{ name: 'memory', dtype: 'real', elements: 64 }],
  buffers: [
    { name: 'a', role: 'feed', dtype: 'real', shape: ['batch', 8] },
    { name: 'b', role: 'parameter', dtype: 'real', shape: [8, 8], storage: { name: 'memory', offset: 0 } },
    { name: 'y', role: 'scratch', dtype: 'real', shape: ['batch', 8] },
    { name: 'z', role: 'result', dtype: 'real', shape: ['batch', 8] },
    { name: 'norm', role: 'scratch', dtype: 'real', shape: [1, 1] },
    { name: 'w', role: 'feed', dtype: 'real', shape: [1, 8] },
    { name: 'v', role: 'feed', dtype: 'real', shape: [8, 1] },
    { name: 'b', role: 'gradient', dtype: 'real', shape: [8, 8], storage: { name: 'memory', offset: 0 } },
  ],
  steps: [product(0, 1, 2), product(2, 1, 3), product(5, 6, 4), product(6, 5, 7)],
  commit: 3,
  checks: [4],
};

export const zeros = (size: number): Float32Array<ArrayBuffer> => new Float32Array(size * size);

/** Feeds of `writingProgram`. */
export function writingFeeds(
  x = 1,
  size = 512,
): { sizes: Record<string, number>; values: Record<string, Float32Array> } {
  return {
    sizes: {},
    values: {
      a: zeros(square).fill(1),
      x: new Float32Array([x]),
      one: new Float32Array([1]),
      big: zeros(size),
    },
  };
}
