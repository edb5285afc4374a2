import { rangeError } from '../errors.ts';
import type { Tensor } from '../program/tensor.ts';
import { add } from './add.ts';
import { activationsOf, checkCellOptions, type LstmCellOptions } from './cell-options.ts';
import { layerNorm } from './layer-norm.ts';
import { matmul } from './matmul.ts';
import { multiply } from './multiply.ts';
import type { RecurrentOutputs, SequenceAttributes } from './recurrent.ts';
import { reshape } from './reshape.ts';
import {
  activated,
  clipTo,
  complement,
  expectShape,
  gateOf,
  nudged,
  product,
  type ScanInputs,
  scanCell,
} from './scan-cell.ts';
import { slice } from './slice.ts';

/** What follows a normalization; `gain` counts as 1 and `shift` as 0 where it is left out. */
export interface GainAndShift {
  readonly gain?: Tensor | undefined;
  readonly shift?: Tensor | undefined;
}

/** G is the number of gates that have weights: 4, or 3 where two are coupled. R is the width of h: that of the projection, or H. */
export interface LstmScanInputs extends Omit<ScanInputs, 'recurrentWeight'> {
  /** [R, G·H] */
  recurrentWeight: Tensor;
  /** [n, H], a row for each of `peepholes` */
  peepholes?: Tensor | undefined;
  /** [H, R] */
  projection?: Tensor | undefined;
  /** layerNorm 'joint': of x·W, [G·H] each. */
  inputNorm?: GainAndShift | undefined;
  /** layerNorm 'joint': of h·R, [G·H] each. */
  recurrentNorm?: GainAndShift | undefined;
  /** layerNorm 'perGate': [G, H] each. */
  gateNorm?: GainAndShift | undefined;
  /** Of c, [H] each. */
  cellNorm?: GainAndShift | undefined;
}

export interface LstmScanAttributes extends LstmCellOptions, Pick<SequenceAttributes, 'direction'> {
  /** Bounds the projected h to [−projectionClip, projectionClip]; the gradient is 0 outside. Sak et al. 2014. */
  readonly projectionClip?: number | undefined;
  /**
   * 'joint': x·W and h·R are normalized over all gates at once, then added; h is made of the normalized c, while c itself is carried
   * as it is. Ba et al. 2016, equations 20–22. 'perGate': the sum of both is normalized gate by gate, and the normalized c is
   * carried too, as in TensorFlow 1's LayerNormBasicLSTMCell, whose forget bias is added to the forget gate's shift.
   */
  readonly layerNorm?: 'joint' | 'perGate' | undefined;
  /** Of the normalizations. Default 1e-5. */
  readonly epsilon?: number | undefined;
}

/**
 * Long short-term memory with all of its options, as a scan: layer normalization and projection, which couple the units of a
 * step, and with them whatever `lstm` has. Without options it computes what `lstm` does. Products with x, and their normalization,
 * are computed once for all steps. `recompute` there is none.
 *
 *   a = x·W + b + h₋·R + b_R            'joint': LN(x·W) + b + LN(h₋·R) + b_R      'perGate': LN of each gate of a
 *   i = σ(aᵢ + pᵢ⊙c₋)   f = σ(a_f + p_f⊙c₋)   g = tanh(a_g)   c = f⊙c₋ + i⊙g       'perGate': c = LN(f⊙c₋ + i⊙g)
 *   o = σ(a_o + p_o⊙c)   h = clip((o⊙tanh(c))·projection)                          'joint': o⊙tanh(LN(c))
 *
 * Projection: Sak, Senior & Beaufays 2014. Peepholes come after the normalization of a, the cell clip before that of c.
 * @throws ERR_SHAPE, ERR_ARGUMENT
 */
export function lstmScan(inputs: LstmScanInputs, attributes: LstmScanAttributes): RecurrentOutputs {
  const { direction, activations, clip, cellClip, projectionClip, layerNorm: normalize, epsilon = 1e-5 } = attributes;
  const { coupled, peepholes: seeing = [], zoneoutH, zoneoutC } = attributes;
  const { projection, peepholes, inputNorm, recurrentNorm, gateNorm, cellNorm, ...shared } = inputs;
  const { inputWeight, bias, recurrentWeight, recurrentBias } = shared;
  const weighted = (['i', 'f', 'g', 'o'] as const).filter(gate => gate !== coupled);
  const gates = weighted.length;
  const hidden = sizeOf(recurrentWeight, gates);
  const output = projection ? (projection.shape[1] as number) : hidden;
  check(inputs, attributes, { gates, hidden, output });
  const functions = activationsOf('lstm', { activations, coupled });
  const normalized = (x: Tensor, affine: GainAndShift | undefined) => layerNorm(x, { ...affine, epsilon });
  const sizes = { gates, hidden, output };

  const preActivations = (x: Tensor, h: Tensor, maskX: Tensor | undefined, maskH: Tensor | undefined): Tensor => {
    if (normalize !== 'joint') {
      const sum = add(
        product(x, inputWeight, { gates, bias, mask: maskX }),
        product(h, recurrentWeight, { gates, bias: recurrentBias, mask: maskH }),
      );
      return normalize ? byGate(sum, sizes, each => normalized(each, gateNorm)) : sum;
    }
    const ofInput = normalized(product(x, inputWeight, { gates, mask: maskX }), inputNorm);
    const ofState = normalized(product(h, recurrentWeight, { gates, mask: maskH }), recurrentNorm);
    return add(bias ? add(ofInput, bias) : ofInput, recurrentBias ? add(ofState, recurrentBias) : ofState);
  };

  return scanCell(
    'lstm',
    shared,
    { direction, activations: functions, zoneout: { h: zoneoutH, c: zoneoutC }, ...sizes },
    ({ x, h, c, maskX, maskH, nudgeC }) => {
      const a = preActivations(x, h, maskX, maskH);
      const gate = (name: 'i' | 'f' | 'g' | 'o', cell?: Tensor): Tensor => {
        const own = gateOf(a, weighted.indexOf(name), hidden);
        const row = seeing.indexOf(name as 'i' | 'f' | 'o');
        const seen =
          row >= 0
            ? add(own, multiply(cell!, reshape(slice(peepholes!, { axis: 0, start: row, stop: row + 1 }), [hidden])))
            : own;
        return activated(seen, functions[name]!, clip);
      };
      const free = { i: coupled === 'i' ? undefined : gate('i', c), f: coupled === 'f' ? undefined : gate('f', c) };
      const [i, f] = [free.i ?? complement(free.f!), free.f ?? complement(free.i!)];
      const g = gate('g');
      const sum = add(multiply(f, c!), multiply(i, g));
      const clipped = cellClip === undefined ? sum : clipTo(sum, cellClip);
      const next = normalize === 'perGate' ? normalized(clipped, cellNorm) : clipped;
      const read = nudged(next, nudgeC);
      const o = gate('o', read);
      const shown = normalize === 'joint' ? normalized(read, cellNorm) : read;
      const open = multiply(o, activated(shown, functions.c!));
      const projected = projection ? matmul(open, projection) : open;
      const given = projectionClip === undefined ? projected : clipTo(projected, projectionClip);
      return { gates: { i, f, g, o }, states: { h: given, c: next } };
    },
  );
}

/** Does something to the gates of a row side by side as to rows of their own. */
function byGate(
  a: Tensor,
  { gates, hidden }: { gates: number; hidden: number },
  change: (a: Tensor) => Tensor,
): Tensor {
  return reshape(change(reshape(a, [a.shape[0]!, gates, hidden])), a.shape);
}

function sizeOf({ shape }: Tensor, gates: number): number {
  const columns = shape[1];
  if (typeof columns !== 'number' || columns < gates || columns % gates > 0)
    throw rangeError(
      'ERR_SHAPE',
      `lstmScan: recurrentWeight has shape [${shape.join(', ')}], expected [R, ${gates}·H]`,
    );
  return columns / gates;
}

function check(
  { peepholes, projection, inputNorm, recurrentNorm, gateNorm, cellNorm }: LstmScanInputs,
  { layerNorm: normalize, ...attributes }: LstmScanAttributes,
  { gates, hidden, output }: { gates: number; hidden: number; output: number },
): void {
  const shapes = (name: string, { gain, shift }: GainAndShift = {}, ...shape: readonly number[]) => {
    expectShape('lstmScan', `the gain of ${name}`, gain, shape);
    expectShape('lstmScan', `the shift of ${name}`, shift, shape);
  };
  checkCellOptions('lstmScan', 'lstm', attributes);
  const { peepholes: seeing = [], projectionClip } = attributes;
  expectShape('lstmScan', 'projection', projection, [hidden, output]);
  expectShape('lstmScan', 'peepholes', peepholes, [seeing.length, hidden]);
  shapes('inputNorm', inputNorm, gates * hidden);
  shapes('recurrentNorm', recurrentNorm, gates * hidden);
  shapes('gateNorm', gateNorm, gates, hidden);
  shapes('cellNorm', cellNorm, hidden);
  const refuse = (wrong: boolean, why: string) => {
    if (wrong) throw rangeError('ERR_ARGUMENT', `lstmScan: ${why}`);
  };
  refuse(
    seeing.length > 0 !== (peepholes !== undefined),
    'the option peepholes says which gates have the rows of the input peepholes; give both or neither',
  );
  refuse(
    normalize !== undefined && normalize !== 'joint' && normalize !== 'perGate',
    `layerNorm must be 'joint' or 'perGate', got ${String(normalize)}`,
  );
  refuse(
    normalize !== 'joint' && (inputNorm ?? recurrentNorm) !== undefined,
    "inputNorm and recurrentNorm belong to layerNorm 'joint'",
  );
  refuse(normalize !== 'perGate' && gateNorm !== undefined, "gateNorm belongs to layerNorm 'perGate'");
  refuse(!normalize && cellNorm !== undefined, 'cellNorm belongs to layerNorm');
  refuse(
    projectionClip !== undefined && !(projectionClip > 0),
    `projectionClip must be greater than 0, got ${projectionClip}`,
  );
  refuse(!projection && projectionClip !== undefined, 'projectionClip needs a projection');
}
