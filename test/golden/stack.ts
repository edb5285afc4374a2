import type { Activation, ActivationName } from '../../lib/activations.ts';
import { type CellName, cells } from '../../lib/cells.ts';
import { add } from '../../lib/ops/add.ts';
import type { LstmCellOptions } from '../../lib/ops/cell-options.ts';
import { concat } from '../../lib/ops/concat.ts';
import { constant } from '../../lib/ops/constant.ts';
import { gru } from '../../lib/ops/gru.ts';
import { lstm } from '../../lib/ops/lstm.ts';
import { multiply } from '../../lib/ops/multiply.ts';
import type { Direction, RecurrentInputs, RecurrentOutputs } from '../../lib/ops/recurrent.ts';
import { reshape } from '../../lib/ops/reshape.ts';
import { rnn } from '../../lib/ops/rnn.ts';
import { slice } from '../../lib/ops/slice.ts';
import type { Tensor } from '../../lib/program/tensor.ts';
import type { Config } from './manifest.ts';
import type { Buildable } from './options.ts';
import { isScanned, scannedLstm, scannedOptions } from './scanned.ts';

/** Options of a stack of recurrent layers. */
export const stackOptions: Buildable = {
  cell: ['rnn', 'gru', 'lstm'],
  input_size: 'any',
  hidden_size: 'any',
  num_layers: 'any',
  direction: ['forward', 'reverse', 'bidirectional'],
  batch_first: 'any',
  bias: 'any',
  lengths: 'any',
  initial_state: 'any',
  nonlinearity: ['tanh', 'relu'],
  reset: ['after', 'before'],
  update: ['keep', 'take'],
  forget_bias: 'any',
  peephole: 'any',
  coupled: ['f=1-i', 'i=1-f'],
  gate_order: ['igo', 'fgo'],
  cell_clip: 'any',
  gate_input_clip: 'any',
  activations: { f: 'any', g: 'any', h: 'any' },
  zoneout: { mode: ['eval', 'mask'], p_h: 'any', p_c: 'any' },
  ...scannedOptions,
};

/** What a stack reads beside its input; each function answers undefined where there is nothing. */
export interface StackInputs {
  /** A parameter by its name in the files, such as `weight_ih_l0_reverse`. */
  readonly weight: (name: string) => Tensor | undefined;
  /** [layers·directions, batch, H] */
  readonly h?: Tensor | undefined;
  readonly c?: Tensor | undefined;
  /** Multiplies what a layer passes to the next. */
  readonly dropout?: (layer: number) => Tensor | undefined;
  readonly maskX?: (layer: number) => Tensor | undefined;
  readonly maskH?: (layer: number) => Tensor | undefined;
  /** Where a unit keeps its old state. */
  readonly zoneH?: (layer: number) => Tensor | undefined;
  readonly zoneC?: (layer: number) => Tensor | undefined;
}

export interface StackOutputs {
  /** [tokens, directions·H] of the last layer */
  readonly y: Tensor;
  /** [layers·directions, batch, H] */
  readonly hN: Tensor;
  readonly cN: Tensor | undefined;
}

const directions: Readonly<Record<string, readonly { direction: Direction; suffix: string }[]>> = {
  forward: [{ direction: 'forward', suffix: '' }],
  reverse: [{ direction: 'backward', suffix: '' }],
  bidirectional: [
    { direction: 'forward', suffix: '' },
    { direction: 'backward', suffix: '_reverse' },
  ],
};

/** The directions of each layer, and what follows the names of their parameters. */
export function directionsOf({ direction }: Config) {
  return directions[direction as string]!;
}

/** Records the layers of a config, each of one direction or two, on top of each other. */
export function stack(
  input: Tensor,
  config: Config,
  { weight, h, c, dropout, maskX, maskH, zoneH, zoneC }: StackInputs,
): StackOutputs {
  const last: RecurrentOutputs[] = [];
  const layers = config.num_layers as number;
  let x = input;
  for (let layer = 0; layer < layers; layer++) {
    const halves = directionsOf(config).map(({ direction, suffix }) => {
      const name = `l${layer}${suffix}`;
      const row = last.length;
      const inputs: RecurrentInputs = {
        x,
        inputWeight: weight(`weight_ih_${name}`)!,
        recurrentWeight: weight(`weight_hh_${name}`)!,
        bias: weight(`bias_ih_${name}`),
        recurrentBias: weight(`bias_hh_${name}`),
        h: h && stateOf(h, row),
        c: c && stateOf(c, row),
        maskX: maskX?.(layer),
        maskH: maskH?.(layer),
        peepholes: weight(`peephole_${name}`),
        zoneH: zoneH?.(layer),
        zoneC: zoneC?.(layer),
      };
      const outputs = isScanned(config)
        ? scannedLstm(config, { direction, ...cellOptions(config) }, withForgetBias(inputs, config), part =>
            weight(`${part}_${name}`),
          )
        : cell(config, direction, withForgetBias(inputs, config));
      last.push(outputs);
      return outputs.y;
    });
    x = concat(halves);
    const mask = layer + 1 < layers ? dropout?.(layer) : undefined;
    if (mask) x = multiply(x, mask);
  }
  const hasCellState = (cells[config.cell as CellName].states as readonly string[]).includes('c');
  return {
    y: x,
    hN: states(last.map(({ hN }) => hN)),
    cN: hasCellState ? states(last.map(({ cN }) => cN!)) : undefined,
  };
}

function cell(config: Config, direction: Direction, inputs: RecurrentInputs): RecurrentOutputs {
  const options = cellOptions(config);
  switch (config.cell as CellName) {
    case 'rnn':
      return rnn(inputs, {
        direction,
        ...options,
        activation: options.activations?.a ?? (config.nonlinearity as 'tanh' | 'relu'),
      });
    case 'gru':
      return gru(inputs, {
        direction,
        reset: config.reset as 'after' | 'before',
        updateGate: config.update === 'take' ? 'write' : 'keep',
        ...options,
      });
    case 'lstm':
      return lstm(inputs, { direction, ...options });
  }
}

/** The gates that f stands for, and g. */
const activated: Readonly<Record<CellName, { readonly f: readonly string[]; readonly g: readonly string[] }>> = {
  rnn: { f: ['a'], g: [] },
  gru: { f: ['r', 'z'], g: ['n'] },
  lstm: { f: ['i', 'f', 'o'], g: ['g'] },
};

function cellOptions(config: Config): LstmCellOptions {
  const coupled = config.coupled ? ((config.coupled as string)[0] as 'f' | 'i') : undefined;
  const peepholes = (['i', 'f', 'o'] as const).filter(gate => gate !== coupled);
  const zoneout = config.zoneout as { p_h?: number; p_c?: number } | undefined;
  return {
    activations: activationsOf(config, coupled),
    clip: config.gate_input_clip as number | undefined,
    cellClip: config.cell_clip as number | undefined,
    coupled,
    peepholes: config.peephole ? peepholes : undefined,
    zoneoutH: zoneout?.p_h,
    zoneoutC: config.cell === 'lstm' ? zoneout?.p_c : undefined,
  };
}

function activationsOf(config: Config, coupled: string | undefined): Record<string, Activation> | undefined {
  const given = config.activations as
    | Record<'f' | 'g' | 'h', { name: string; alpha?: number; beta?: number }>
    | undefined;
  if (!given) return undefined;
  const { f, g } = activated[config.cell as CellName];
  const named = [
    ...f.filter(gate => gate !== coupled).map(gate => [gate, given.f] as const),
    ...g.map(gate => [gate, given.g] as const),
    ...(given.h ? [['c', given.h] as const] : []),
  ];
  return Object.fromEntries(
    named.map(([gate, { name, ...numbers }]) => [gate, { name: camelCase(name) as ActivationName, ...numbers }]),
  );
}

function camelCase(name: string): string {
  return name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** The bias with what the config adds to that of the forget gate, unless each gate is normalized after its bias. */
function withForgetBias(inputs: RecurrentInputs, config: Config): RecurrentInputs {
  const { forget_bias: forgetBias, coupled } = config;
  if (!forgetBias || config.layer_norm === 'per_gate') return inputs;
  const gates = ['i', 'f', 'g', 'o'].filter(gate => gate !== (coupled as string | undefined)?.[0]);
  const size = inputs.recurrentWeight.shape[1] as number;
  const units = size / gates.length;
  const shift = new Array<number>(size).fill(0).fill(forgetBias as number, units, 2 * units);
  const extra = constant(inputs.recurrentWeight.recording, [size], shift);
  return { ...inputs, bias: inputs.bias ? add(inputs.bias, extra) : extra };
}

/** Row of [layers·directions, batch, H] → [batch, H] */
export function stateOf(all: Tensor, row: number): Tensor {
  return reshape(slice(all, { axis: 0, start: row, stop: row + 1 }), all.shape.slice(1));
}

function states(rows: readonly Tensor[]): Tensor {
  return concat(
    rows.map(row => reshape(row, [1, ...row.shape])),
    { axis: 0 },
  );
}
