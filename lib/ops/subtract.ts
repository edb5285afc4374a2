import { operation } from '../program/operation.ts';
import type { Tensor } from '../program/tensor.ts';
import { broadcastShapes, unstretch } from './binary.ts';
import { scale } from './scale.ts';

const op = operation<{ a: Tensor; b: Tensor }, 'y'>('subtract', {
  shape: ({ a, b }) => ({ y: { shape: broadcastShapes('subtract', a.shape, b.shape) } }),
  gradient: ({ inputs: { a, b }, gradients: { y }, wants }) => {
    const dy = y!;
    return {
      a: wants('a') ? unstretch(dy, a) : undefined,
      b: wants('b') ? unstretch(scale(dy, -1), b) : undefined,
    };
  },
});

/** y = a − b. Shapes broadcast as in NumPy. */
export function subtract(a: Tensor, b: Tensor): Tensor {
  return op({ a, b }, {}).y;
}
