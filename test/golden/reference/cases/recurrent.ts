import { Draft } from '../draft.ts';
import { type Network, type RecurrentConfig, recurrent, type Sequences } from '../recurrent.ts';
import { constant, Value } from '../value.ts';

interface Options extends RecurrentConfig {
  readonly input_size: number;
  readonly batch_first: boolean;
  readonly bias: boolean;
  readonly initial_state: boolean;
  readonly dropout?: 'between_layers' | 'fixed_over_time';
  readonly window?: number;
}

const plain = { num_layers: 1, direction: 'forward', batch_first: false, bias: true, initial_state: true } as const;
const tanh = { ...plain, cell: 'rnn', nonlinearity: 'tanh' } as const;
const relu = { ...plain, cell: 'rnn', nonlinearity: 'relu' } as const;
const gru = { ...plain, cell: 'gru', reset: 'after', update: 'keep' } as const;
const lstm = { ...plain, cell: 'lstm' } as const;

export function recurrentCases(): Draft[] {
  return [
    draft('rnn_tanh/h1_ragged', { ...tanh, input_size: 3, hidden_size: 1 }, 9, [4, 9, 0, 9]),
    draft(
      'rnn_tanh/h7_two_layers_bidirectional',
      { ...tanh, input_size: 4, hidden_size: 7, num_layers: 2, direction: 'bidirectional', batch_first: true },
      5,
      [2, 5],
    ),
    draft('rnn_tanh/h16_zero_state', { ...tanh, input_size: 2, hidden_size: 16, initial_state: false }, 4),
    draft(
      'rnn_relu/h8_reverse_nobias',
      { ...relu, input_size: 5, hidden_size: 8, direction: 'reverse', bias: false },
      6,
      [6, 1, 3],
    ),
    draft('rnn_relu/h17_one_step', { ...relu, input_size: 1, hidden_size: 17 }, 1),
    draft('gru/h7_ragged', { ...gru, input_size: 3, hidden_size: 7 }, 9, [0, 9, 5]),
    draft('gru/h17', { ...gru, input_size: 2, hidden_size: 17, initial_state: false }, 4),
    draft(
      'gru/h8_take_bidirectional',
      { ...gru, input_size: 4, hidden_size: 8, update: 'take', direction: 'bidirectional' },
      5,
      [5, 2, 0],
    ),
    draft(
      'gru/h9_before_reverse',
      { ...gru, input_size: 5, hidden_size: 9, reset: 'before', direction: 'reverse' },
      6,
      [1, 6],
    ),
    draft(
      'gru/h3_before_take_nobias',
      { ...gru, input_size: 3, hidden_size: 3, reset: 'before', update: 'take', bias: false },
      7,
    ),
    draft('lstm/h3_ragged', { ...lstm, input_size: 3, hidden_size: 3, batch_first: true }, 9, [3, 0, 9, 8]),
    draft(
      'lstm/h9_bidirectional',
      { ...lstm, input_size: 2, hidden_size: 9, direction: 'bidirectional' },
      5,
      [2, 5, 0],
    ),
    draft(
      'lstm/h17_reverse_nobias',
      { ...lstm, input_size: 2, hidden_size: 17, direction: 'reverse', bias: false },
      4,
      [4, 3],
    ),
    draft('lstm/h4_three_layers', { ...lstm, input_size: 1, hidden_size: 4, num_layers: 3, initial_state: false }, 3),
    draft(
      'lstm_proj/h5_clips_bidirectional',
      {
        ...lstm,
        input_size: 3,
        hidden_size: 5,
        direction: 'bidirectional',
        proj_size: 2,
        cell_clip: 0.5,
        proj_clip: 0.2,
      },
      4,
      [4, 2],
    ),
    draft(
      'lstm_proj/h4_two_layers_nobias',
      { ...lstm, input_size: 2, hidden_size: 4, num_layers: 2, proj_size: 3, bias: false },
      3,
    ),
    draft(
      'lstm_layernorm/joint_h5_reverse',
      { ...lstm, input_size: 3, hidden_size: 5, direction: 'reverse', layer_norm: 'joint', layer_norm_eps: 1e-3 },
      4,
      [4, 2, 0],
    ),
    draft(
      'lstm_layernorm/per_gate_h4_forget_bias',
      { ...lstm, input_size: 2, hidden_size: 4, layer_norm: 'per_gate', layer_norm_eps: 1e-3, forget_bias: 1 },
      4,
    ),
    draft(
      'masks/rnn_zero_reverse',
      {
        ...tanh,
        input_size: 2,
        hidden_size: 3,
        direction: 'reverse',
        batch_first: true,
        mask: true,
        padding_output: 'zero',
      },
      6,
    ),
    draft('masks/lstm_hold', { ...lstm, input_size: 2, hidden_size: 4, mask: true, padding_output: 'hold' }, 6),
    draft(
      'masks/gru_hold_bidirectional',
      { ...gru, input_size: 3, hidden_size: 5, direction: 'bidirectional', mask: true, padding_output: 'hold' },
      6,
    ),
    draft(
      'dropout/between_lstm',
      { ...lstm, input_size: 3, hidden_size: 3, num_layers: 2, direction: 'bidirectional', dropout: 'between_layers' },
      4,
      [4, 2],
    ),
    draft('dropout/fixed_rnn', { ...tanh, input_size: 4, hidden_size: 8, dropout: 'fixed_over_time' }, 5),
    draft('dropout/fixed_gru_after', { ...gru, input_size: 3, hidden_size: 9, dropout: 'fixed_over_time' }, 5, [3, 5]),
    draft(
      'dropout/fixed_gru_before',
      { ...gru, input_size: 3, hidden_size: 7, reset: 'before', dropout: 'fixed_over_time' },
      5,
    ),
    draft(
      'dropout/fixed_lstm_reverse',
      { ...lstm, input_size: 2, hidden_size: 9, direction: 'reverse', dropout: 'fixed_over_time' },
      5,
      [5, 2],
    ),
    draft('tbptt/lstm_two_layers', { ...lstm, input_size: 3, hidden_size: 5, num_layers: 2, window: 3 }, 8),
    draft('tbptt/gru', { ...gru, input_size: 2, hidden_size: 4, window: 4 }, 8),
  ];
}

const gates = { rnn: 1, gru: 3, lstm: 4 } as const;

function draft(id: string, options: Options, steps: number, lengths: readonly number[] = []): Draft {
  const { cell, input_size, hidden_size, num_layers, direction, batch_first, initial_state, window } = options;
  const ragged = lengths.length > 0;
  const batch = ragged ? lengths.length : 3;
  const kind = window ? 'tbptt' : 'recurrent';
  const draft = new Draft(id, kind, { ...options, lengths: ragged }, { out: 1e-5, grad: 2e-5 });
  const halves = direction === 'bidirectional' ? 2 : 1;
  const output = options.proj_size ?? hidden_size;
  const width = halves * output;

  const time = (features: number) => (batch_first ? [batch, steps, features] : [steps, batch, features]);
  const x = draft.draw('in.x', time(input_size), 1.5);
  if (ragged) draft.keepIntegers('in.lengths', [batch], lengths);
  const stateOf = (size: number) => [num_layers * halves, batch, size];
  const [stateH, stateC] = [stateOf(output), stateOf(hidden_size)];
  const h0 = initial_state ? draft.draw('in.h0', stateH) : undefined;
  const c0 = initial_state && cell === 'lstm' ? draft.draw('in.c0', stateC) : undefined;
  const parameters = drawParameters(draft, options, halves);
  const { between, maskX, maskH } = drawMasks(draft, options, steps, batch, width);

  // Padding on either side, a hole, and nothing at all.
  const counted = [
    [1, 1, 0, 1, 0, 0],
    [0, 0, 1, 1, 1, 1],
    [0, 0, 0, 0, 0, 0],
  ];
  if (options.mask) draft.keepIntegers('in.mask', [batch, steps], counted.flat());
  const lengthOf = (b: number) => (ragged ? lengths[b]! : steps);
  const at = (t: number, b: number) => (batch_first ? b * steps + t : t * batch + b);
  const features = (values: readonly Value[], row: number, size: number) => values.slice(row * size, (row + 1) * size);
  const network = (h: readonly Value[] | undefined, c: readonly Value[] | undefined, start: number): Network => ({
    parameter: name => parameters[`param.${name}`],
    ...(h ? { h: (row, b) => features(h, row * batch + b, output) } : {}),
    ...(c ? { c: (row, b) => features(c, row * batch + b, hidden_size) } : {}),
    ...(between ? { dropout: (layer, t, b) => features(between[layer]!, (start + t) * batch + b, width) } : {}),
    ...(options.mask ? { counts: (t, b) => counted[b]![t] === 1 } : {}),
    ...(maskX ? { maskX: b => features(maskX, b, input_size) } : {}),
    ...(maskH ? { maskH: b => features(maskH, b, hidden_size) } : {}),
  });

  const up = draft.draw('up.y', time(width));
  const y = new Array<number>(steps * batch * width).fill(0);
  const stretch = window ?? steps;
  let [h, c] = [h0, c0];
  for (let start = 0; start < steps; start += stretch) {
    const sequences: Sequences = Array.from({ length: batch }, (_, b) =>
      Array.from({ length: Math.max(0, Math.min(lengthOf(b) - start, stretch)) }, (_, t) =>
        features(x, at(start + t, b), input_size),
      ),
    );
    const outputs = recurrent(options, sequences, network(h, c, start));
    const seeds = outputs.y.flatMap((sequence, b) =>
      sequence.flatMap((step, t) =>
        step.map((of, j) => {
          const index = at(start + t, b) * width + j;
          y[index] = of.value;
          return { of, seed: up[index]!.value };
        }),
      ),
    );
    const last = { h: outputs.states.flat().flatMap(row => row.h), c: outputs.states.flat().flatMap(row => row.c) };
    if (!window) {
      const upH = draft.draw('up.h_n', stateH);
      seeds.push(...last.h.map((of, index) => ({ of, seed: upH[index]!.value })));
      const upC = cell === 'lstm' ? draft.draw('up.c_n', stateC) : [];
      seeds.push(...upC.map(({ value }, index) => ({ of: last.c[index]!, seed: value })));
    }
    Value.backward(seeds);
    [h, c] = [last.h.map(({ value }) => constant(value)), last.c.map(({ value }) => constant(value))];
  }
  draft.expect('out.y', time(width), y);
  draft.expect(
    'out.h_n',
    stateH,
    h!.map(({ value }) => value),
  );
  if (cell === 'lstm')
    draft.expect(
      'out.c_n',
      stateC,
      c!.map(({ value }) => value),
    );
  draft.expectGradients({ 'in.x': x, ...(h0 ? { 'in.h0': h0 } : {}), ...(c0 ? { 'in.c0': c0 } : {}), ...parameters });
  return draft;
}

function drawParameters(draft: Draft, options: Options, halves: number) {
  const { cell, input_size, hidden_size, num_layers, bias, proj_size, layer_norm } = options;
  const parameters: Record<string, Value[]> = {};
  const draw = (name: string, shape: readonly number[], largest: number) => {
    parameters[name] = draft.draw(name, shape, largest);
  };
  const rows = gates[cell] * hidden_size;
  const output = proj_size ?? hidden_size;
  const width = halves * output;
  const norms: Readonly<Record<string, readonly number[]>> = {
    ...(layer_norm === 'joint' ? { ih: [rows], hh: [rows] } : {}),
    ...(layer_norm === 'per_gate' ? { gate: [4, hidden_size] } : {}),
    ...(layer_norm ? { c: [hidden_size] } : {}),
  };
  for (let layer = 0; layer < num_layers; layer++)
    for (const suffix of ['', '_reverse'].slice(0, halves)) {
      const name = `l${layer}${suffix}`;
      const columns = layer === 0 ? input_size : width;
      draw(`param.weight_ih_${name}`, [rows, columns], 1 / Math.sqrt(columns));
      draw(`param.weight_hh_${name}`, [rows, output], 1 / Math.sqrt(hidden_size));
      if (bias) draw(`param.bias_ih_${name}`, [rows], 0.5);
      if (bias) draw(`param.bias_hh_${name}`, [rows], 0.5);
      if (proj_size) draw(`param.weight_hr_${name}`, [proj_size, hidden_size], 1 / Math.sqrt(hidden_size));
      for (const [part, shape] of Object.entries(norms))
        for (const what of ['gain', 'shift']) draw(`param.ln_${part}_${what}_${name}`, shape, 1);
    }
  return parameters;
}

function drawMasks(draft: Draft, options: Options, steps: number, batch: number, width: number) {
  const { dropout, num_layers, input_size, hidden_size } = options;
  const mask = (name: string, shape: readonly number[]) => {
    const drawn = draft.draw(name, shape);
    return draft.keep(
      name,
      shape,
      drawn.map(({ value }) => (value > -0.5 ? 4 / 3 : 0)),
    );
  };
  if (dropout === 'between_layers')
    return {
      between: Array.from({ length: num_layers - 1 }, (_, l) => mask(`in.dropout_l${l}`, [steps, batch, width])),
    };
  if (dropout === 'fixed_over_time')
    return { maskX: mask('in.mask_x_l0', [batch, input_size]), maskH: mask('in.mask_h_l0', [batch, hidden_size]) };
  return {};
}
