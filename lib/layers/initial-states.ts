import { rangeError } from '../errors.ts';
import { fill } from '../ops/fill.ts';
import { mapValues } from '../ops/scan-body.ts';
import { describeShape } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';

/** States of these sizes for the sequences of x, all zeros: [batch, size] each. @throws ERR_SHAPE */
export function initialStates<S extends string>(
  { shape, layout, recording }: Tensor,
  sizes: Readonly<Record<S, number>>,
): Record<S, Tensor> {
  if (!layout)
    throw rangeError('ERR_SHAPE', `expected a sequence [tokens, features], got the shape ${describeShape(shape)}`);
  return mapValues(sizes, size => fill(recording, [layout.batch, size], 0)) as Record<S, Tensor>;
}
