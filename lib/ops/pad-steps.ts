import { rangeError } from '../errors.ts';
import { operation } from '../program/operation.ts';
import type { Layout } from '../program/recording.ts';
import { type Dimension, describeShape } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';

type Inputs = { x: Tensor; offsets: Tensor; order: Tensor };

const pad = operation<Inputs, 'y' | 'lengths', { steps: Dimension }>('padSteps', {
  shape: ({ x, order }, { steps }) => ({
    y: { shape: [order.shape[0]!, steps, ...x.shape.slice(1)], dtype: x.dtype },
    lengths: { shape: order.shape, dtype: 'int32' },
  }),
  gradient: ({ inputs: { x }, gradients: { y: dy } }) => (dy ? { x: packSteps(dy, x.layout!) } : {}),
});

const pack = operation<Inputs, 'y', { tokens: Dimension }>('packSteps', {
  shape: ({ x }, { tokens }) => ({ y: { shape: [tokens, ...x.shape.slice(2)], dtype: x.dtype } }),
  gradient: ({ inputs: { offsets, order, x }, gradients: { y: dy } }) => ({
    x: pad({ x: dy!, offsets, order }, { steps: x.shape[1]! }).y,
  }),
});

/** A ragged batch as a rectangle, such as a memory that attention looks at. */
export interface Padded {
  /** [batch, steps, ...] in the caller's order; 0 past each sequence's length */
  readonly block: Tensor;
  /** int32 [batch] */
  readonly lengths: Tensor;
}

/** A sequence [tokens, ...], reals or integers, as a block of steps. `packSteps` is the way back. @throws ERR_SHAPE */
export function padSteps(x: Tensor): Padded {
  const { layout } = x;
  if (!layout)
    throw rangeError('ERR_SHAPE', `padSteps: x has shape ${describeShape(x.shape)}, expected a sequence [tokens, ...]`);
  const { y, lengths } = pad({ x, offsets: layout.offsets, order: layout.order }, { steps: layout.steps });
  return { block: y, lengths };
}

/** A block [batch, steps, ...] as a sequence [tokens, ...] of this layout; what lies past a length is left out. @throws ERR_SHAPE */
export function packSteps(block: Tensor, { name, batch, steps, tokens, offsets, order }: Layout): Tensor {
  if (block.shape[0] !== batch || block.shape[1] !== steps)
    throw rangeError(
      'ERR_SHAPE',
      `packSteps: the block has shape ${describeShape(block.shape)}, expected [${batch}, ${steps}, ...] for the layout ${name}`,
    );
  return pack({ x: block, offsets, order }, { tokens }).y;
}
