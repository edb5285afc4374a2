import { operation } from '../program/operation.ts';
import { Tensor } from '../program/tensor.ts';
import type { TableRows } from './merge-rows.ts';

const op = operation<Record<string, Tensor>, 'norm'>('globalNorm', {
  shape: () => ({ norm: { shape: [] } }),
});

/** √Σx² over all elements of all tensors, rows of tables among them, accumulated in float64. */
export function globalNorm(tensors: readonly (Tensor | TableRows)[]): Tensor {
  const inputs = tensors.flatMap((tensor, k): [string, Tensor][] =>
    tensor instanceof Tensor
      ? [[`x${k}`, tensor]]
      : [
          [`x${k}`, tensor.rows],
          [`at${k}`, tensor.at],
        ],
  );
  return op(Object.fromEntries(inputs), {}).norm;
}
