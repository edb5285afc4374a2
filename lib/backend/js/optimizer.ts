import type { Integers, Twin, View } from './twin.ts';

/** What every optimizer reads; parameters and states are written in place. */
export interface UpdateInputs {
  readonly parameters: View;
  readonly gradients: View;
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
