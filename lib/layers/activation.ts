import { relu } from '../ops/relu.ts';
import { sigmoid } from '../ops/sigmoid.ts';
import { softmax } from '../ops/softmax.ts';
import { tanh } from '../ops/tanh.ts';
import type { Tensor } from '../program/tensor.ts';

/** The activations of dense layers and heads, by the name options use. */
export const activations = {
  linear: (x: Tensor) => x,
  tanh,
  sigmoid,
  relu,
  softmax,
} as const;

export type Activation = keyof typeof activations;
