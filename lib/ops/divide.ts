import { operation } from '../program/operation.ts';
import type { Tensor } from '../program/tensor.ts';
import { broadcastShapes, unstretch } from './binary.ts';
import { multiply } from './multiply.ts';
import { scale } from './scale.ts';

const op = operation<{ a: Tensor; b: Tensor }, 'y'>('divide', {
  shape: ({ a, b }) => ({ y: { shape: broadcastShapes('divide', a.shape, b.shape) } }),
  gradient: ({ inputs: { a, b }, gradients: { y }, wants }) => {
    const dy = y!;
    return {
      a: wants('a') ? unstretch(divide(dy, b), a) : undefined,
      b: wants('b') ? unstretch(scale(divide(multiply(dy, divide(a, b)), b), -1), b) : undefined,
    };
  },
});

/** y = a ⊘ b. Shapes broadcast as in NumPy. */
export function divide(a: Tensor, b: Tensor): Tensor {
  return op({ a, b }, {}).y;
}
