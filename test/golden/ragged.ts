import type { PackedLayout } from '../../lib/data/ragged.ts';
import type { Stored } from './tensors.ts';

/** Which of the first two axes of a padded tensor runs over time. */
export type PaddedOrder = 'steps first' | 'batch first';

/** The rows of a padded tensor that stand for something, in packed order. */
export function pack({ shape, values }: Stored, layout: PackedLayout, padded: PaddedOrder): Float64Array {
  const features = featuresOf(shape);
  const packed = new Float64Array(layout.tokens * features);
  paddedRows(shape, layout, padded).forEach((row, at) => {
    packed.set(values.subarray(row * features, (row + 1) * features), at * features);
  });
  return packed;
}

/** The padded tensor of packed rows, with zeros for padding. */
export function unpack(
  packed: ArrayLike<number>,
  shape: readonly number[],
  layout: PackedLayout,
  padded: PaddedOrder,
): Float64Array {
  const features = featuresOf(shape);
  const result = new Float64Array(shape[0]! * shape[1]! * features);
  paddedRows(shape, layout, padded).forEach((row, at) => {
    for (let feature = 0; feature < features; feature++)
      result[row * features + feature] = packed[at * features + feature]!;
  });
  return result;
}

/** The named sizes and feeds of a layout. */
export function layoutFeeds(name: string, { steps, batch, tokens, offsets, order }: PackedLayout) {
  return {
    sizes: { batch, [`${name}.steps`]: steps, [`${name}.tokens`]: tokens },
    values: { [`${name}.offsets`]: offsets, [`${name}.order`]: order },
  };
}

/** For each packed row its row among the first two axes of the padded tensor. */
function paddedRows(
  shape: readonly number[],
  { steps, tokens, offsets, order }: PackedLayout,
  padded: PaddedOrder,
): number[] {
  const rows: number[] = [];
  for (let t = 0; t < steps; t++)
    for (let rank = 0; rank < (offsets[t + 1] ?? tokens) - offsets[t]!; rank++)
      rows.push(padded === 'batch first' ? order[rank]! * shape[1]! + t : t * shape[1]! + order[rank]!);
  return rows;
}

function featuresOf(shape: readonly number[]): number {
  return shape.slice(2).reduce((product, extent) => product * extent, 1);
}
