import { Draft } from '../draft.ts';
import { crossEntropy, reduce } from '../loss.ts';
import { type Clip, cellOf, type OptimizerConfig, step } from '../optimizer.ts';
import { type RecurrentConfig, recurrent } from '../recurrent.ts';
import { add, dot, Value } from '../value.ts';

const plain = {
  input_size: 3,
  num_layers: 1,
  direction: 'forward',
  batch_first: true,
  bias: true,
  lengths: false,
  initial_state: false,
} as const;
const clip: Clip = { type: 'global_norm', max_norm: 0.5, eps: 1e-6 };
const [vocab, batch, length, steps] = [6, 3, 6, 8];

export function trainCases(): Draft[] {
  return [
    draft(
      'gru_adam',
      { ...plain, cell: 'gru', hidden_size: 5, reset: 'after', update: 'keep' },
      { optimizer: 'adam', lr: 0.02, betas: [0.9, 0.999], eps: 1e-8 },
    ),
    draft('lstm_sgd', { ...plain, cell: 'lstm', hidden_size: 4 }, { optimizer: 'sgd', lr: 0.5, momentum: 0.9 }),
  ];
}

function draft(name: string, network: RecurrentConfig & typeof plain, optimizer: OptimizerConfig): Draft {
  const { cell, hidden_size, input_size } = network;
  const config = { cell, config: network, optimizer, clip, steps, vocab };
  const draft = new Draft(`train/${name}`, 'train', config, { out: 3e-5 });
  const ids = draft.drawIntegers('in.ids', [steps, batch, length], vocab);
  const rows = { gru: 3, lstm: 4, rnn: 1 }[cell] * hidden_size;
  const shapes: Readonly<Record<string, readonly number[]>> = {
    embedding: [vocab, input_size],
    'rnn.weight_ih_l0': [rows, input_size],
    'rnn.weight_hh_l0': [rows, hidden_size],
    'rnn.bias_ih_l0': [rows],
    'rnn.bias_hh_l0': [rows],
    'output.weight': [vocab, hidden_size],
    'output.bias': [vocab],
  };
  const cells = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      draft.draw(`param.${name}`, shape, 0.6).map(({ value }) => cellOf(value, optimizer)),
    ]),
  );
  const losses: number[] = [];
  const norms: number[] = [];
  for (let t = 0; t < steps; t++) {
    const weights = Object.fromEntries(
      Object.entries(cells).map(([name, all]) => [name, all.map(({ p }) => new Value(p))]),
    );
    const loss = lossOf(weights, network, ids.slice(t * batch * length, (t + 1) * batch * length));
    Value.backward([{ of: loss, seed: 1 }]);
    losses.push(loss.value);
    const gradients = Object.values(weights).flatMap(values => values.map(({ gradient }) => gradient));
    norms.push(step(optimizer, clip, t + 1, Object.values(cells).flat(), gradients));
  }
  draft.expect('out.loss', [steps], losses);
  draft.expect('out.norm', [steps], norms);
  for (const [name, shape] of Object.entries(shapes))
    draft.expect(
      `out.${name}`,
      shape,
      cells[name]!.map(({ p }) => p),
    );
  return draft;
}

/** Mean cross-entropy of every next symbol. */
function lossOf(
  weights: Readonly<Record<string, readonly Value[]>>,
  network: RecurrentConfig & typeof plain,
  ids: readonly number[],
): Value {
  const { input_size, hidden_size } = network;
  const sequences = Array.from({ length: batch }, (_, b) => ids.slice(b * length, (b + 1) * length));
  const row = (name: string, index: number, size: number) => weights[name]!.slice(index * size, (index + 1) * size);
  const x = sequences.map(symbols => symbols.slice(0, -1).map(id => row('embedding', id, input_size)));
  const { y } = recurrent(network, x, { parameter: name => weights[`rnn.${name}`] });
  const logits = y
    .flat()
    .map(h =>
      Array.from({ length: vocab }, (_, symbol) =>
        add(dot(row('output.weight', symbol, hidden_size), h), weights['output.bias']![symbol]!),
      ),
    );
  const targets = sequences.flatMap(symbols => symbols.slice(1));
  const one = new Array<number>(vocab).fill(1);
  const { losses, weight } = crossEntropy({ ignore_index: null, label_smoothing: 0 }, logits, targets, one);
  return reduce('mean', losses, weight)[0]!;
}
