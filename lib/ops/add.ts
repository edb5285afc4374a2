import { operation } from '../program/operation.ts';
import type { Tensor } from '../program/tensor.ts';
import { broadcastShapes, unstretch } from './binary.ts';

const op = operation<{ a: Tensor; b: Tensor }, 'y'>('add', {
  shape: ({ a, b }) => ({ y: { shape: broadcastShapes('add', a.shape, b.shape) } }),
  gradient: ({ inputs: { a, b }, gradients: { y }, wants }) => {
    const dy = y!;
    return {
      a: wants('a') ? unstretch(dy, a) : undefined,
      b: wants('b') ? unstretch(dy, b) : undefined,
    };
  },
});

/** y = a + b. Shapes broadcast as in NumPy. */
export function add(a: Tensor, b: Tensor): Tensor {
  return op({ a, b }, {}).y;
}
