import { add } from '../../lib/ops/add.ts';
import type { LstmCellOptions } from '../../lib/ops/cell-options.ts';
import { constant } from '../../lib/ops/constant.ts';
import { type GainAndShift, type LstmScanInputs, lstmScan } from '../../lib/ops/lstm-scan.ts';
import type { Direction, RecurrentInputs, RecurrentOutputs } from '../../lib/ops/recurrent.ts';
import type { Tensor } from '../../lib/program/tensor.ts';
import type { Config } from './manifest.ts';
import type { Buildable } from './options.ts';

/** Options of an lstm that runs as a scan. */
export const scannedOptions: Buildable = {
  proj_size: 'any',
  proj_clip: 'any',
  layer_norm: ['joint', 'per_gate'],
  layer_norm_eps: 'any',
};

/** Whether a cell needs what only a scan has. */
export function isScanned(config: Config): boolean {
  return Object.keys(scannedOptions).some(option => config[option]);
}

/** `weight` gives the layer's parameters by the first part of their names, such as `weight_hr`. */
export function scannedLstm(
  config: Config,
  attributes: LstmCellOptions & { readonly direction: Direction },
  inputs: RecurrentInputs,
  weight: (part: string) => Tensor | undefined,
): RecurrentOutputs {
  const norm = (part: string) => {
    const [gain, shift] = [weight(`ln_${part}_gain`), weight(`ln_${part}_shift`)];
    return gain && { gain, shift };
  };
  const perGate = config.layer_norm === 'per_gate';
  const number = (option: string) => config[option] as number | undefined;
  const gateNorm = norm('gate');
  const whole: LstmScanInputs = {
    ...inputs,
    projection: weight('weight_hr'),
    inputNorm: norm('ih'),
    recurrentNorm: norm('hh'),
    gateNorm: gateNorm && shifted(gateNorm, number('forget_bias') ?? 0),
    cellNorm: norm('c'),
  };
  return lstmScan(whole, {
    ...attributes,
    projectionClip: number('proj_clip'),
    layerNorm: perGate ? 'perGate' : (config.layer_norm as 'joint' | undefined),
    epsilon: number('layer_norm_eps'),
  });
}

/** What is added to the forget gate after its normalization. */
function shifted(norm: GainAndShift, forgetBias: number): GainAndShift {
  const [gates, units] = norm.shift!.shape as [number, number];
  const values = new Array<number>(gates * units).fill(0).fill(forgetBias, units, 2 * units);
  return { ...norm, shift: add(norm.shift!, constant(norm.shift!.recording, [gates, units], values)) };
}
