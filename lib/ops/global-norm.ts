import { operation } from '../program/operation.ts';
import type { Tensor } from '../program/tensor.ts';

const op = operation<Record<string, Tensor>, 'norm'>('globalNorm', {
  shape: () => ({ norm: { shape: [] } }),
});

/** √Σx² over all elements of all tensors, accumulated in float64. */
export function globalNorm(tensors: readonly Tensor[]): Tensor {
  return op(Object.fromEntries(tensors.map((tensor, index) => [`x${index}`, tensor])), {}).norm;
}
