import type { ActivationName, CompleteActivation } from '../activations.ts';
import type { RealArray } from '../backend/backend.ts';
import type { CellName } from '../cells.ts';
import { lengthsOf, type PackedLayout } from '../data/ragged.ts';
import type { Direction } from '../ops/recurrent.ts';
import { lagOf, stepsOf } from './reading.ts';
import { type Trouble, troubleIn } from './trouble.ts';

type Arrays = Readonly<Record<string, RealArray>>;

/** What a layer did with a batch: [tokens, width] each, by the names in cells.ts. */
export interface Observed {
  readonly name: string;
  readonly cell: CellName;
  /** Features of h. */
  readonly size: number;
  readonly direction: Direction;
  /** Of the gates that have weights and, of lstm, of the new c. A gate that has none is 1 − another. */
  readonly activations: Readonly<Record<string, CompleteActivation>>;
  readonly gates: Arrays;
  readonly states: Arrays;
  /** Of the loss by the states. */
  readonly gradients: Arrays;
}

export interface LayerFindings {
  readonly name: string;
  readonly cell: CellName;
  /** Features of h. */
  readonly size: number;
  /**
   * Of each state (h, and c of lstm), by the lag: how many steps it lies before the last one that the layer reads. The norm of the
   * gradient of a row's loss by it, a mean over the rows that are so long.
   */
  readonly gradients: Readonly<Record<string, readonly number[]>>;
  /** Of each state the greatest lag at which that norm is not yet below a share of what it is at lag 0; absent where it never is. */
  readonly vanishesBeyond: Readonly<Record<string, number>>;
  /** Of each gate's values over all units and steps. */
  readonly gates: Readonly<Record<string, Saturation>>;
  /** Units whose state never changes by more than 0.001 over all steps of all rows. */
  readonly dead: readonly number[];
}

/** The shares of values that lie so near to an end of their range that hardly a gradient comes through. */
export interface Saturation {
  /** Below 0.05 of gates in [0, 1], below −0.9 of tanh, 0 of relu. A function without a lower end has none. */
  readonly low: number;
  /** Above 0.95, or 0.9; of relu and of others without an upper end none. */
  readonly high: number;
}

export interface Findings {
  /** In the order in which they were recorded, the first reading the model's input. */
  readonly layers: readonly LayerFindings[];
  /** Where states or gradients first ceased to be finite, or a gradient exploded, going back from the last step. */
  readonly trouble?: Trouble;
}

export interface FindingsOptions {
  readonly layout: PackedLayout;
  readonly vanished: number;
  readonly exploded: number;
}

const still = 1e-3;

export function findings(observed: readonly Observed[], options: FindingsOptions): Findings {
  const { tokens } = options.layout;
  const norms = observed.map(({ name, direction, states, gradients }) => ({
    ...{ name, direction },
    states: mapArrays(states, array => rowNorms(array, tokens)),
    gradients: mapArrays(gradients, array => rowNorms(array, tokens)),
  }));
  const layers = observed.map((layer, index): LayerFindings => {
    const { name, cell, size, gates, states, direction, activations } = layer;
    const gradients = mapArrays(norms[index]!.gradients, array => meansByLag(array, direction, options.layout));
    return {
      ...{ name, cell, size, gradients },
      vanishesBeyond: Object.fromEntries(
        Object.entries(gradients).flatMap(([state, means]) => {
          const lag = lastLag(means, options.vanished);
          return lag === undefined ? [] : [[state, lag]];
        }),
      ),
      gates: mapArrays(gates, (_, gate) => saturation(gate, gates, activations)),
      dead: deadUnits(states.h!, size),
    };
  });
  const trouble = troubleIn(norms, options);
  return { layers, ...(trouble ? { trouble } : {}) };
}

function meansByLag(norms: RealArray, direction: Direction, layout: PackedLayout): number[] {
  const lengths = lengthsOf(layout);
  const sums = new Float64Array(layout.steps);
  const counts = new Float64Array(layout.steps);
  for (const { step, alive } of stepsOf(layout, direction))
    for (const { token, place } of alive) {
      const lag = lagOf(step, lengths[place]!, direction);
      sums[lag]! += norms[token]!;
      counts[lag]!++;
    }
  return Array.from(sums, (sum, lag) => sum / counts[lag]!);
}

/** The last lag before all are below a share of the first; undefined where they never are. */
function lastLag(means: readonly number[], vanished: number): number | undefined {
  const least = vanished * means[0]!;
  const last = means.findLastIndex(mean => !(mean < least));
  return last < 0 || last === means.length - 1 ? undefined : last;
}

/** Where hardly a gradient comes through: below the first and above the second. */
type Ends = readonly [number, number];

const none = Number.POSITIVE_INFINITY;
const endless: Ends = [-none, none];
const ends: Readonly<Record<ActivationName, (alpha: number) => Ends>> = {
  affine: () => endless,
  elu: alpha => (alpha > 0 ? [-0.9 * alpha, none] : endless),
  hardSigmoid: () => [0.05, 0.95],
  identity: () => endless,
  leakyRelu: () => endless,
  relu: () => [Number.MIN_VALUE, none],
  scaledTanh: alpha => [-0.9 * Math.abs(alpha), 0.9 * Math.abs(alpha)],
  sigmoid: () => [0.05, 0.95],
  softplus: () => [0.05, none],
  softsign: () => [-0.9, 0.9],
  tanh: () => [-0.9, 0.9],
  thresholdedRelu: alpha => (alpha > 0 ? [alpha, none] : endless),
};

/** Of a gate that is 1 − another what that one's ends say. */
function saturation(gate: string, gates: Arrays, activations: Observed['activations']): Saturation {
  const own = activations[gate];
  if (own) return beyond(gates[gate]!, ends[own.name](own.alpha));
  const { low, high } = saturation(gate === 'i' ? 'f' : 'i', gates, activations);
  return { low: high, high: low };
}

function beyond(values: RealArray, [least, most]: Ends): Saturation {
  let [low, high] = [0, 0];
  for (const value of values) {
    if (value < least) low++;
    if (value > most) high++;
  }
  const count = Math.max(1, values.length);
  return { low: low / count, high: high / count };
}

function deadUnits(h: RealArray, size: number): number[] {
  const least = new Float64Array(size).fill(Number.POSITIVE_INFINITY);
  const most = new Float64Array(size).fill(Number.NEGATIVE_INFINITY);
  h.forEach((value, at) => {
    const unit = at % size;
    least[unit] = Math.min(least[unit]!, value);
    most[unit] = Math.max(most[unit]!, value);
  });
  return [...least.keys()].filter(unit => most[unit]! - least[unit]! <= still);
}

/** [tokens, width] → the norm of each token's */
function rowNorms(array: RealArray, tokens: number): Float64Array {
  const width = array.length / tokens;
  return Float64Array.from({ length: tokens }, (_, row) => {
    let squares = 0;
    for (let at = row * width; at < (row + 1) * width; at++) squares += array[at]! * array[at]!;
    return Math.sqrt(squares);
  });
}

function mapArrays<T>(arrays: Arrays, map: (array: RealArray, name: string) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, map(array, name)]));
}
