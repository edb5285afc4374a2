import type { CompleteActivation } from '../activations.ts';
import { type CellName, cells } from '../cells.ts';
import { rangeError } from '../errors.ts';
import { type Dimension, describeShape, type Shape, sameShape } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';
import { activate } from './activation.ts';
import { add } from './add.ts';
import { clip } from './clip.ts';
import { concat } from './concat.ts';
import { fill } from './fill.ts';
import { gather } from './gather.ts';
import { matmul } from './matmul.ts';
import { multiply } from './multiply.ts';
import { CellRecording } from './open-cell.ts';
import type { Direction, RecurrentInputs, RecurrentOutputs } from './recurrent.ts';
import { scale } from './scale.ts';
import { scan } from './scan.ts';
import { mapValues } from './scan-body.ts';
import { sigmoid } from './sigmoid.ts';
import { slice } from './slice.ts';
import { tanh } from './tanh.ts';

// What the cells that run as a scan share. They are the equations in operations, with options that a fused cell cannot have, and
// can be looked into; where both can do it the fused one is many times as fast.

export interface ScanInputs extends RecurrentInputs {
  /** [tokens, width of h]: the share of its old value that each unit of h keeps at each step; in place of `zoneoutH`. */
  zoneH?: Tensor | undefined;
  /** [tokens, H], lstm only */
  zoneC?: Tensor | undefined;
  /** rnn of order k only, [batch, (k−1)·width of h]: the states before h, newest first; zeros when left out. */
  earlier?: Tensor | undefined;
}

export interface ScanOutputs extends RecurrentOutputs {
  earlierN?: Tensor;
}

/** What one step reads: [rows, ...] each. `nudgeC` is added to the new c where the step itself reads it. */
export type StepReads = Readonly<
  Record<'x' | 'h', Tensor> & Partial<Record<'c' | 'earlier' | 'maskX' | 'maskH' | 'nudgeC', Tensor>>
>;

/** What one step makes, by the names in cells.ts: [rows, ...] each. */
export interface CellStep {
  readonly gates: Readonly<Record<string, Tensor>>;
  readonly states: Readonly<Record<string, Tensor>>;
}

/** The sizes of a cell: gates that have weights, units, and the width of h. */
export interface CellSizes {
  readonly gates: number;
  readonly hidden: number;
  readonly output: number;
  /** How many states the recurrent weight reads: h and those before it. Default 1. */
  readonly order?: number;
  /** The recurrent weight is a number for each of them, [order, 1]. Default false. */
  readonly scalar?: boolean;
}

export interface CellForm extends CellSizes {
  readonly direction: Direction;
  readonly activations: Readonly<Record<string, CompleteActivation>>;
  /** The share of its old value that each state keeps, by its name, where no tensor says it. */
  readonly zoneout: Readonly<Record<string, number | undefined>>;
}

/**
 * Runs a cell as a scan; shows its inside where the recording is a CellRecording.
 * @throws ERR_SHAPE
 */
export function scanCell(
  cell: CellName,
  { x: given, ...inputs }: ScanInputs,
  { direction, activations, zoneout, ...sizes }: CellForm,
  step: (reads: StepReads) => CellStep,
): ScanOutputs {
  const x = 'table' in given ? gather(given.table, given.ids, { ignore: given.ignore }) : given;
  const { recording } = x;
  checkShapes(`${cell}Scan`, { x, ...inputs }, sizes);
  const { h, c, earlier, maskX, maskH, zoneH, zoneC, recurrentWeight } = inputs;
  const widths = { h: sizes.output, c: sizes.hidden };
  const zeros = (leading: Dimension): Record<string, Tensor> =>
    Object.fromEntries(cells[cell].states.map(state => [state, fill(recording, [leading, widths[state]], 0)]));
  const { order = 1 } = sizes;
  const older = order > 1 ? (earlier ?? fill(recording, [x.layout!.batch, (order - 1) * sizes.output], 0)) : undefined;
  const shown = recording instanceof CellRecording;
  const nudges = shown && recording.mode === 'train' ? zeros(x.shape[0]!) : {};
  const { states, outputs } = scan(
    {
      sequences: present({ x, zoneH, zoneC, nudgeH: nudges.h, nudgeC: nudges.c }),
      states: { ...zeros(x.layout!.batch), ...present({ h, c, earlier: older }) },
      constants: present({ maskX, maskH }),
    },
    reads => {
      const made = step(reads as StepReads);
      const states = mapValues(made.states, (fresh, name) => {
        const of = name.toUpperCase();
        const next = zoned(reads[name]!, fresh, reads[`zone${of}`] ?? zoneout[name]);
        return nudged(next, reads[`nudge${of}`]);
      });
      return { states, outputs: shown ? { ...made.gates, ...states } : { h: states.h! } };
    },
    { direction },
  );
  if (shown) {
    const named = (names: readonly string[]) => Object.fromEntries(names.map(name => [name, outputs[name]!]));
    recording.cells.push({
      ...{ cell, direction, recurrentWeight, activations, nudges },
      gates: named(cells[cell].gates),
      states: named(cells[cell].states),
    });
  }
  const { h: hN, c: cN, earlier: earlierN } = states;
  return { y: outputs.h!, hN: hN!, ...(cN ? { cN } : {}), ...(earlierN ? { earlierN } : {}) };
}

/** A state with its nudge, where it has one. */
export function nudged(state: Tensor, nudge: Tensor | undefined): Tensor {
  return nudge ? add(state, nudge) : state;
}

/** share⊙old + (1 − share)⊙fresh */
function zoned(old: Tensor, fresh: Tensor, share: Tensor | number | undefined): Tensor {
  if (!share) return fresh;
  if (typeof share === 'number') return add(scale(old, share), scale(fresh, 1 - share));
  return add(multiply(share, old), multiply(complement(share), fresh));
}

/** 1 − x */
export function complement(x: Tensor): Tensor {
  return scale(x, -1, 1);
}

/** The columns of one gate, [..., size]. */
export function gateOf(all: Tensor, gate: number, size: number): Tensor {
  return slice(all, { axis: -1, start: gate * size, stop: (gate + 1) * size });
}

/** (v⊙mask)·W + bias for gates side by side; the mask has a width of v, or one for each gate. */
export function product(
  v: Tensor,
  weight: Tensor,
  {
    gates,
    bias,
    mask,
  }: { readonly gates: number; readonly bias?: Tensor | undefined; readonly mask?: Tensor | undefined },
): Tensor {
  if (!mask) return matmul(v, weight, { bias });
  const [width, size] = [v.shape[1] as number, (weight.shape[1] as number) / gates];
  if (mask.shape[1] === width) return matmul(multiply(v, mask), weight, { bias });
  const each = Array.from({ length: gates }, (_, gate) =>
    matmul(multiply(v, gateOf(mask, gate, width)), gateOf(weight, gate, size)),
  );
  return bias ? add(concat(each), bias) : concat(each);
}

/** f(a), with `bound` of a held within [−bound, bound]. */
export function activated(a: Tensor, activation: CompleteActivation, bound?: number | undefined): Tensor {
  const x = bound === undefined ? a : clipTo(a, bound);
  if (activation.name === 'sigmoid') return sigmoid(x);
  if (activation.name === 'tanh') return tanh(x);
  return activate(x, activation);
}

/** Holds x within [−bound, bound]. */
export function clipTo(x: Tensor, bound: number): Tensor {
  return clip(x, { low: -bound, high: bound });
}

function checkShapes(
  cell: string,
  inputs: Readonly<Record<string, Tensor | undefined>>,
  { gates, hidden, output, order = 1, scalar }: CellSizes,
): void {
  const { layout, shape } = inputs.x!;
  const [tokens, width] = shape;
  if (!layout || shape.length !== 2 || typeof width !== 'number')
    throw rangeError(
      'ERR_SHAPE',
      `${cell}: x has shape ${describeShape(shape)}, expected a sequence [tokens, features]`,
    );
  const { batch } = layout;
  const expected: Readonly<Record<string, readonly Shape[]>> = {
    inputWeight: [[width, gates * hidden]],
    recurrentWeight: [scalar ? [order, 1] : [order * output, gates * hidden]],
    bias: [[gates * hidden]],
    recurrentBias: [[gates * hidden]],
    h: [[batch, output]],
    c: [[batch, hidden]],
    earlier: [[batch, (order - 1) * output]],
    maskX: [
      [batch, width],
      [batch, gates * width],
    ],
    maskH: [
      [batch, order * output],
      [batch, gates * order * output],
    ],
    zoneH: [[tokens!, output]],
    zoneC: [[tokens!, hidden]],
  };
  for (const [name, shapes] of Object.entries(expected)) expectShape(cell, name, inputs[name], ...shapes);
}

/** @throws ERR_SHAPE where a tensor is there and has none of these shapes */
export function expectShape(cell: string, name: string, tensor: Tensor | undefined, ...shapes: readonly Shape[]): void {
  if (tensor && !shapes.some(shape => sameShape(tensor.shape, shape)))
    throw rangeError(
      'ERR_SHAPE',
      `${cell}: ${name} has shape ${describeShape(tensor.shape)}, expected ${shapes.map(describeShape).join(' or ')}`,
    );
}

function present(tensors: Readonly<Record<string, Tensor | undefined>>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(tensors).filter(([, tensor]) => tensor)) as Record<string, Tensor>;
}
