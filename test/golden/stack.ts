import { type CellName, cells } from '../../lib/cells.ts';
import { concat } from '../../lib/ops/concat.ts';
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

/** Records the layers of a config, each of one direction or two, on top of each other. */
export function stack(
  input: Tensor,
  config: Config,
  { weight, h, c, dropout, maskX, maskH }: StackInputs,
): StackOutputs {
  const last: RecurrentOutputs[] = [];
  const layers = config.num_layers as number;
  let x = input;
  for (let layer = 0; layer < layers; layer++) {
    const halves = directions[config.direction as string]!.map(({ direction, suffix }) => {
      const name = `l${layer}${suffix}`;
      const row = last.length;
      const outputs = cell(config, direction, {
        x,
        inputWeight: weight(`weight_ih_${name}`)!,
        recurrentWeight: weight(`weight_hh_${name}`)!,
        bias: weight(`bias_ih_${name}`),
        recurrentBias: weight(`bias_hh_${name}`),
        h: h && stateOf(h, row),
        c: c && stateOf(c, row),
        maskX: maskX?.(layer),
        maskH: maskH?.(layer),
      });
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
  switch (config.cell as CellName) {
    case 'rnn':
      return rnn(inputs, { direction, activation: config.nonlinearity as 'tanh' | 'relu' });
    case 'gru':
      return gru(inputs, {
        direction,
        reset: config.reset as 'after' | 'before',
        updateGate: config.update === 'take' ? 'write' : 'keep',
      });
    case 'lstm':
      return lstm(inputs, { direction });
  }
}

/** Row of [layers·directions, batch, H] → [batch, H] */
function stateOf(all: Tensor, row: number): Tensor {
  return reshape(slice(all, { axis: 0, start: row, stop: row + 1 }), all.shape.slice(1));
}

function states(rows: readonly Tensor[]): Tensor {
  return concat(
    rows.map(row => reshape(row, [1, ...row.shape])),
    { axis: 0 },
  );
}
