import { add } from '../../lib/ops/add.ts';
import { constant } from '../../lib/ops/constant.ts';
import { type LstmScanInputs, lstmScan } from '../../lib/ops/lstm-scan.ts';
import type { Direction, RecurrentInputs, RecurrentOutputs } from '../../lib/ops/recurrent.ts';
import { reshape } from '../../lib/ops/reshape.ts';
import type { Tensor } from '../../lib/program/tensor.ts';
import type { Config } from './manifest.ts';
import type { Buildable } from './options.ts';

/** Options of an lstm that runs as a scan. */
export const scannedOptions: Buildable = {
  proj_size: 'any',
  proj_clip: 'any',
  layer_norm: ['joint', 'per_gate'],
  layer_norm_eps: 'any',
  cell_clip: 'any',
  forget_bias: 'any',
};

/** Whether a cell needs what only a scan has. */
export function isScanned(config: Config): boolean {
  return Object.keys(scannedOptions).some(option => config[option]);
}

/** `weight` gives the layer's parameters by the first part of their names, such as `weight_hr`. */
export function scannedLstm(
  config: Config,
  direction: Direction,
  inputs: RecurrentInputs,
  weight: (part: string) => Tensor | undefined,
): RecurrentOutputs {
  const norm = (part: string) => {
    const [gain, shift] = [weight(`ln_${part}_gain`), weight(`ln_${part}_shift`)];
    return gain && { gain, shift };
  };
  const perGate = config.layer_norm === 'per_gate';
  const whole: LstmScanInputs = {
    ...inputs,
    projection: weight('weight_hr'),
    inputNorm: norm('ih'),
    recurrentNorm: norm('hh'),
    gateNorm: norm('gate'),
    cellNorm: norm('c'),
  };
  const number = (option: string) => config[option] as number | undefined;
  return lstmScan(withForgetBias(whole, number('forget_bias') ?? 0), {
    direction,
    cellClip: number('cell_clip'),
    projectionClip: number('proj_clip'),
    layerNorm: perGate ? 'perGate' : (config.layer_norm as 'joint' | undefined),
    epsilon: number('layer_norm_eps'),
  });
}

/** What is added to the forget gate enters with its bias, or, where each gate is normalized, after that. */
function withForgetBias(inputs: LstmScanInputs, forgetBias: number): LstmScanInputs {
  if (forgetBias === 0) return inputs;
  const { inputWeight, bias, gateNorm } = inputs;
  const columns = inputWeight.shape[1] as number;
  const values = Float64Array.from({ length: columns }, (_, k) =>
    Math.floor((4 * k) / columns) === 1 ? forgetBias : 0,
  );
  const added = constant(inputWeight.recording, [columns], [...values]);
  if (!gateNorm) return { ...inputs, bias: bias ? add(bias, added) : added };
  const { shift } = gateNorm;
  return { ...inputs, gateNorm: { ...gateNorm, shift: add(shift!, reshape(added, shift!.shape)) } };
}
