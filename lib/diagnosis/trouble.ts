import { lengthsOf, type PackedLayout } from '../data/ragged.ts';
import type { Direction } from '../ops/recurrent.ts';
import { lagOf, stepsOf } from './reading.ts';

/** Where something first went wrong. */
export interface Trouble {
  /** A state that is not finite, or else a gradient that is not, or that is too large. */
  readonly kind: 'state' | 'gradient';
  readonly layer: string;
  readonly state: string;
  /** From 0. */
  readonly step: number;
  /** From 0. */
  readonly row: number;
  /** The norm of the row's state, or of the gradient by it. */
  readonly norm: number;
}

/** Norms of what a layer did, [tokens] by the name of a state. */
export interface LayerNorms {
  readonly name: string;
  readonly direction: Direction;
  readonly states: Readonly<Record<string, Float64Array>>;
  readonly gradients: Readonly<Record<string, Float64Array>>;
}

export interface TroubleOptions {
  readonly layout: PackedLayout;
  /** How many times the gradient at the last step is too much. */
  readonly exploded: number;
}

/** What went wrong first: in going forward or, where that went well, in going back. */
export function troubleIn(layers: readonly LayerNorms[], options: TroubleOptions): Trouble | undefined {
  return brokenState(layers, options) ?? explodedGradient(layers, options);
}

/** The first layer where there is one, and there the first step that it reads. */
function brokenState(layers: readonly LayerNorms[], { layout }: TroubleOptions): Trouble | undefined {
  for (const { name: layer, direction, states } of layers)
    for (const { step, alive } of stepsOf(layout, direction))
      for (const { token, place } of alive)
        for (const [state, norms] of Object.entries(states)) {
          const norm = norms[token]!;
          if (!Number.isFinite(norm)) return { kind: 'state', layer, state, step, row: place, norm };
        }
  return undefined;
}

/** The last layer where there is one, and there the last step that it reads. */
function explodedGradient(layers: readonly LayerNorms[], { layout, exploded }: TroubleOptions): Trouble | undefined {
  const limits = gradientsAtLast(layers, layout).map(norm => (norm > 0 ? exploded * norm : Number.POSITIVE_INFINITY));
  for (const { name: layer, direction, gradients } of layers.toReversed())
    for (const { step, alive } of stepsOf(layout, direction).reverse())
      for (const { token, place } of alive)
        for (const [state, norms] of Object.entries(gradients)) {
          const norm = norms[token]!;
          if (!Number.isFinite(norm) || norm > limits[place]!)
            return { kind: 'gradient', layer, state, step, row: place, norm };
        }
  return undefined;
}

/** Of each sequence the greatest norm of a gradient by a state at the last step that its layer reads. */
function gradientsAtLast(layers: readonly LayerNorms[], layout: PackedLayout): Float64Array {
  const greatest = new Float64Array(layout.batch);
  const lengths = lengthsOf(layout);
  for (const { direction, gradients } of layers)
    for (const { step, alive } of stepsOf(layout, direction))
      for (const { token, place } of alive)
        if (lagOf(step, lengths[place]!, direction) === 0)
          for (const norms of Object.values(gradients)) greatest[place] = Math.max(greatest[place]!, norms[token]!);
  return greatest;
}
