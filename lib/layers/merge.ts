import { add } from '../ops/add.ts';
import { concat } from '../ops/concat.ts';
import { multiply } from '../ops/multiply.ts';
import { scale } from '../ops/scale.ts';
import type { Tensor } from '../program/tensor.ts';
import type { Flow } from './layer.ts';

const sum = (tensors: readonly Tensor[]) => tensors.reduce((total, tensor) => add(total, tensor));

/** How several tensors become one, by the name options use: features side by side, or element by element. */
const merging = {
  concat: (tensors: readonly Tensor[]) => concat(tensors),
  sum,
  average: (tensors: readonly Tensor[]) => scale(sum(tensors), 1 / tensors.length),
  product: (tensors: readonly Tensor[]) => tensors.reduce((product, tensor) => multiply(product, tensor)),
} as const;

export type Merge = keyof typeof merging;
export const merges = Object.keys(merging) as Merge[];

export function merge(tensors: readonly Tensor[], how: Merge): Tensor {
  return tensors.length === 1 ? tensors[0]! : merging[how](tensors);
}

/** The flow that `merge` makes of flows of one kind; undefined where they do not fit or there is no such way. */
export function mergedFlow(flows: readonly Flow[], how: Merge): Flow | undefined {
  const [{ kind, size }] = flows as readonly [Flow];
  if (!merges.includes(how) || flows.some(other => other.kind !== kind)) return undefined;
  if (how === 'concat') return { kind, size: flows.reduce((total, flow) => total + flow.size, 0) };
  return flows.every(flow => flow.size === size) ? { kind, size } : undefined;
}
