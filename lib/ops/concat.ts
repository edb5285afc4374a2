import { rangeError, typeError } from '../errors.ts';
import { operation } from '../program/operation.ts';
import { describeShape } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';
import { slice } from './slice.ts';

const op = operation<Record<string, Tensor>, 'y', { axis: number }>('concat', {
  shape: (inputs, { axis }) => {
    const tensors = Object.values(inputs);
    const first = tensors[0]!;
    let total = 0;
    for (const { shape, dtype } of tensors) {
      if (dtype !== first.dtype)
        throw typeError('ERR_ARGUMENT', `concat: cannot join ${first.dtype} and ${dtype} tensors`);
      const extent = shape[axis];
      if (typeof extent !== 'number')
        throw rangeError('ERR_SHAPE', `concat: axis ${axis} of ${describeShape(shape)} has no fixed extent`);
      if (
        shape.length !== first.shape.length ||
        shape.some((dimension, at) => at !== axis && dimension !== first.shape[at])
      )
        throw rangeError(
          'ERR_SHAPE',
          `concat: ${describeShape(first.shape)} and ${describeShape(shape)} differ beside axis ${axis}`,
        );
      total += extent;
    }
    return { y: { shape: first.shape.map((extent, at) => (at === axis ? total : extent)), dtype: first.dtype } };
  },
  gradient: ({ inputs, gradients: { y: dy }, attributes: { axis }, wants }) => {
    const parts: Record<string, Tensor> = {};
    let start = 0;
    for (const [name, { shape }] of Object.entries(inputs)) {
      const stop = start + (shape[axis] as number);
      if (wants(name)) parts[name] = slice(dy!, { axis, start, stop });
      start = stop;
    }
    return parts;
  },
});

/** Joins tensors along an axis of fixed extent; by default the last. */
export function concat(tensors: readonly Tensor[], { axis = -1 }: { axis?: number } = {}): Tensor {
  const first = tensors[0];
  if (!first) throw rangeError('ERR_ARGUMENT', 'concat: expected at least one tensor');
  if (tensors.length === 1) return first;
  return op(Object.fromEntries(tensors.map((tensor, index) => [`x${index}`, tensor])), {
    axis: axis < 0 ? axis + first.shape.length : axis,
  }).y;
}
