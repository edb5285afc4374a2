import type { RealArray } from '../backend.ts';
import { countRows, type TableRows } from './merge-rows.ts';
import type { Integers, Twin, View } from './twin.ts';

/** What every optimizer reads; parameters and states are written in place. */
export interface UpdateInputs extends TableRows {
  readonly parameters: View;
  /** In place of it a table may have the rows of its gradient that are not 0. */
  readonly gradients?: View;
  readonly learningRate: View;
  readonly clock: Integers;
  readonly norm?: View;
}

/** What every optimizer does to a gradient first; 0 switches a clip off. */
export interface GradientAttributes {
  readonly clipNorm: number;
  readonly clipValue: number;
  readonly weightDecay: number;
  readonly maximize: boolean;
}

export type Update<State extends string, A> = Twin<
  UpdateInputs,
  Record<'parameters', View> & Partial<Record<State, View>>,
  GradientAttributes & A
>;

export interface Adjustment {
  readonly scale: number;
  readonly limit: number;
  readonly sign: 1 | -1;
  readonly decay: number;
}

/** Clip by the joint norm, clip by value, go uphill, weight decay: in this order. */
export function adjustmentOf(
  { norm }: UpdateInputs,
  { clipNorm, clipValue, weightDecay, maximize }: GradientAttributes,
): Adjustment {
  return {
    scale: norm && clipNorm > 0 ? Math.min(1, clipNorm / (norm.data[0]! + 1e-6)) : 1,
    limit: clipValue > 0 ? clipValue : Number.POSITIVE_INFINITY,
    sign: maximize ? -1 : 1,
    decay: weightDecay,
  };
}

/** g ← ±clip(g) + decay·p */
export function adjusted(g: number, p: number, { scale, limit, sign, decay }: Adjustment): number {
  return sign * Math.max(-limit, Math.min(limit, g * scale)) + decay * p;
}

/**
 * Calls `step` with the number of each parameter and its gradient.
 * @param resting whether a gradient of 0 changes neither a parameter nor its state: rows of a table without one are passed over
 */
export function eachParameter(
  inputs: UpdateInputs,
  resting: boolean,
  step: (k: number, gradient: number) => void,
): void {
  const { parameters, gradients } = inputs;
  if (gradients) {
    for (let k = 0; k < parameters.data.length; k++) step(k, gradients.data[k]!);
    return;
  }
  const [rows, columns] = parameters.shape as [number, number];
  const given = rowsByNumber(inputs, columns);
  for (const row of resting ? given.keys() : Array(rows).keys()) {
    const gradient = given.get(row);
    for (let j = 0; j < columns; j++) step(row * columns + j, gradient ? gradient[j]! : 0);
  }
}

function rowsByNumber(inputs: TableRows, columns: number): Map<number, RealArray> {
  const found = new Map<number, RealArray>();
  for (let k = 0; inputs[`rows${k}`]; k++) {
    const [rows, at] = [inputs[`rows${k}`]!.data, inputs[`at${k}`]!.data];
    const count = countRows(at);
    for (let i = 0; i < count; i++) found.set(at[i]!, rows.subarray(i * columns, (i + 1) * columns));
  }
  return found;
}
