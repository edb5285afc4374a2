import { type Activation, completeActivation } from '../activations.ts';
import { operation } from '../program/operation.ts';
import type { Tensor } from '../program/tensor.ts';

type Attributes = { name: string; alpha: number; beta: number };

const backward = operation<{ x: Tensor; dy: Tensor }, 'x', Attributes>('activationGradient', {
  shape: ({ x }) => ({ x: { shape: x.shape } }),
});

const op = operation<{ x: Tensor }, 'y', Attributes>('activation', {
  shape: ({ x }) => ({ y: { shape: x.shape } }),
  gradient: ({ inputs: { x }, gradients: { y: dy }, attributes }) => ({ x: backward({ x, dy: dy! }, attributes).x }),
});

/** y = f(x). Where f has a corner its derivative is that of the side that holds the corner; that of relu at 0 is 0. */
export function activate(x: Tensor, activation: Activation): Tensor {
  return op({ x }, { ...completeActivation('activation', activation) }).y;
}
