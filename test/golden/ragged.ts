import type { Stored } from './tensors.ts';

/** Where the rows of a padded batch lie once packed: time-major, longest sequence first. */
export interface Packing {
  readonly steps: number;
  readonly batch: number;
  readonly offsets: Int32Array;
  readonly order: Int32Array;
  /** Step and sequence of each packed row. */
  readonly rows: readonly { readonly step: number; readonly sequence: number }[];
}

/** Which of the first two axes of a padded tensor runs over time. */
export type PaddedOrder = 'steps first' | 'batch first';

export function packing(lengths: readonly number[]): Packing {
  const order = Int32Array.from(lengths.keys()).sort((a, b) => lengths[b]! - lengths[a]! || a - b);
  const steps = Math.max(0, ...lengths);
  const offsets = new Int32Array(steps);
  const rows: Packing['rows'][number][] = [];
  for (let step = 0; step < steps; step++) {
    offsets[step] = rows.length;
    for (const sequence of order) if (step < lengths[sequence]!) rows.push({ step, sequence });
  }
  return { steps, batch: lengths.length, offsets, order, rows };
}

/** The rows of a padded tensor that stand for something, in packed order. */
export function pack({ shape, values }: Stored, packed: Packing, padded: PaddedOrder): Float64Array {
  const features = featuresOf(shape);
  const result = new Float64Array(packed.rows.length * features);
  packedRows(shape, packed, padded).forEach((row, at) => {
    result.set(values.subarray(row * features, (row + 1) * features), at * features);
  });
  return result;
}

/** The padded tensor of packed rows, with zeros for padding. */
export function unpack(
  values: ArrayLike<number>,
  shape: readonly number[],
  packed: Packing,
  padded: PaddedOrder,
): Float64Array {
  const features = featuresOf(shape);
  const result = new Float64Array(features * shape[0]! * shape[1]!);
  packedRows(shape, packed, padded).forEach((row, at) => {
    for (let feature = 0; feature < features; feature++)
      result[row * features + feature] = values[at * features + feature]!;
  });
  return result;
}

/** The named sizes and feeds of a layout. */
export function layoutFeeds(name: string, { steps, batch, offsets, order, rows }: Packing) {
  return {
    sizes: { batch, [`${name}.steps`]: steps, [`${name}.tokens`]: rows.length },
    values: { [`${name}.offsets`]: offsets, [`${name}.order`]: order },
  };
}

/** For each packed row its row among the first two axes of the padded tensor. */
function packedRows(shape: readonly number[], { rows }: Packing, padded: PaddedOrder): number[] {
  const [, second] = shape as [number, number];
  return rows.map(({ step, sequence }) =>
    padded === 'batch first' ? sequence * second + step : step * second + sequence,
  );
}

function featuresOf(shape: readonly number[]): number {
  return shape.slice(2).reduce((product, extent) => product * extent, 1);
}
