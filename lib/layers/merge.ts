import { add } from '../ops/add.ts';
import { concat } from '../ops/concat.ts';
import { multiply } from '../ops/multiply.ts';
import { scale } from '../ops/scale.ts';
import type { Tensor } from '../program/tensor.ts';
import type { Flow } from './layer.ts';

/** How several tensors become one: features side by side, or element by element their sum, mean or product. */
export const merges = ['concat', 'sum', 'average', 'product'] as const;
export type Merge = (typeof merges)[number];

/** The flow that `merge` makes of flows of one kind; undefined where they do not fit. */
export function mergedFlow(flows: readonly Flow[], how: Merge): Flow | undefined {
  const [{ kind, size }] = flows as readonly [Flow];
  if (flows.some(other => other.kind !== kind)) return undefined;
  if (how === 'concat') return { kind, size: flows.reduce((sum, flow) => sum + flow.size, 0) };
  return flows.every(flow => flow.size === size) ? { kind, size } : undefined;
}

export function merge(tensors: readonly Tensor[], how: Merge): Tensor {
  if (how === 'concat') return concat(tensors);
  if (how === 'product') return tensors.reduce((product, tensor) => multiply(product, tensor));
  const sum = tensors.reduce((sum, tensor) => add(sum, tensor));
  return how === 'average' ? scale(sum, 1 / tensors.length) : sum;
}
