import { rangeError } from '../errors.ts';
import { operation } from '../program/operation.ts';
import { describeShape, type Shape } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';
import { broadcast } from './broadcast.ts';
import { reshape } from './reshape.ts';

export interface ReduceOptions {
  /** The axis to reduce, negative ones from the end; all axes when left out. */
  readonly axis?: number;
  /** Keep the reduced axis with extent 1. Default false. */
  readonly keep?: boolean;
}

/** Attributes of a reduction: axis −1 with `all` set stands for every axis. */
export interface ReduceAttributes {
  readonly axis: number;
  readonly all: boolean;
  readonly keep: boolean;
}

export function reducedShape(name: string, shape: Shape, { axis, all, keep }: ReduceAttributes): Shape {
  if (all) return keep ? shape.map(() => 1) : [];
  if (axis < 0 || axis >= shape.length)
    throw rangeError('ERR_SHAPE', `${name}: axis ${axis} of a tensor of shape ${describeShape(shape)}`);
  return keep ? shape.map((extent, at) => (at === axis ? 1 : extent)) : shape.filter((_, at) => at !== axis);
}

export function reduceAttributes(x: Tensor, { axis, keep = false }: ReduceOptions): ReduceAttributes {
  return { axis: axis === undefined ? 0 : axis < 0 ? axis + x.shape.length : axis, all: axis === undefined, keep };
}

/** Stretches the gradient of a reduction back over the axes it removed. */
export function spread(gradient: Tensor, x: Tensor, attributes: ReduceAttributes): Tensor {
  const kept = attributes.all
    ? x.shape.map(() => 1)
    : x.shape.map((extent, at) => (at === attributes.axis ? 1 : extent));
  return broadcast(reshape(gradient, kept), x.shape);
}

const op = operation<{ x: Tensor }, 'y', ReduceAttributes>('sum', {
  shape: ({ x }, attributes) => ({ y: { shape: reducedShape('sum', x.shape, attributes) } }),
  gradient: ({ inputs: { x }, gradients: { y: dy }, attributes }) => ({ x: spread(dy!, x, attributes) }),
});

/** Sum over one axis, or over all of them. */
export function sum(x: Tensor, options: ReduceOptions = {}): Tensor {
  return op({ x }, reduceAttributes(x, options)).y;
}
