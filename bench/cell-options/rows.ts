import { gru, lstm, rnn } from '../../lib/index.ts';

type Layer = ReturnType<typeof rnn> | ReturnType<typeof gru> | ReturnType<typeof lstm>;

/** An option of a recurrent layer, as docs/cells.md has it. */
export interface OptionRow {
  readonly cell: 'rnn' | 'gru' | 'lstm';
  /** As it is written in code. */
  readonly option: string;
  readonly equation: string;
  readonly source: string;
  /** Other software that has it. */
  readonly elsewhere: string;
  /** A layer of so many units with it. */
  readonly layer: (size: number) => Layer;
}

export const plain = {
  rnn: (size: number) => rnn({ size }),
  gru: (size: number) => gru({ size }),
  lstm: (size: number) => lstm({ size }),
} as const;

export const optionRows: readonly OptionRow[] = [
  {
    cell: 'rnn',
    option: "activation: 'relu'",
    equation: 'h = max(a, 0)',
    source: 'Le et al. 2015',
    elsewhere: 'PyTorch, Keras, ONNX',
    layer: size => rnn({ size, activation: 'relu' }),
  },
  {
    cell: 'rnn',
    option: "activation: 'sigmoid'",
    equation: 'h = σ(a); any of ONNX’s eleven',
    source: 'Elman 1990',
    elsewhere: 'Keras, ONNX',
    layer: size => rnn({ size, activation: 'sigmoid' }),
  },
  {
    cell: 'rnn',
    option: 'zoneout: 0.1',
    equation: 'h ← p⊙h₋ + (1−p)⊙h',
    source: 'Krueger et al. 2017',
    elsewhere: 'Haste',
    layer: size => rnn({ size, zoneout: 0.1 }),
  },
  {
    cell: 'gru',
    option: "reset: 'before'",
    equation: 'n = tanh(x·W + (r⊙h₋)·R)',
    source: 'Cho et al. 2014',
    elsewhere: 'Keras, ONNX',
    layer: size => gru({ size, reset: 'before' }),
  },
  {
    cell: 'gru',
    option: "updateGate: 'write'",
    equation: 'h = (1−z)⊙h₋ + z⊙n',
    source: 'Chung et al. 2014',
    elsewhere: '',
    layer: size => gru({ size, updateGate: 'write' }),
  },
  {
    cell: 'gru',
    option: "activations: { n: 'softsign' }",
    equation: 'any of ONNX’s eleven for each gate',
    source: 'ONNX',
    elsewhere: 'Keras, ONNX',
    layer: size => gru({ size, activations: { n: 'softsign' } }),
  },
  {
    cell: 'gru',
    option: 'clip: 3',
    equation: 'f(min(max(a, −v), v)) in each gate',
    source: 'ONNX',
    elsewhere: 'ONNX',
    layer: size => gru({ size, clip: 3 }),
  },
  {
    cell: 'gru',
    option: 'zoneout: 0.1',
    equation: 'h ← p⊙h₋ + (1−p)⊙h',
    source: 'Krueger et al. 2017',
    elsewhere: 'Haste',
    layer: size => gru({ size, zoneout: 0.1 }),
  },
  {
    cell: 'gru',
    option: 'dropout: 0.2, recurrentDropout: 0.2',
    equation: 'each gate reads x⊙m and h₋⊙m of its own, m the same at all steps',
    source: 'Gal & Ghahramani 2016',
    elsewhere: 'Keras',
    layer: size => gru({ size, dropout: 0.2, recurrentDropout: 0.2 }),
  },
  {
    cell: 'lstm',
    option: 'peepholes: true',
    equation: 'aᵢ + pᵢ⊙c₋, a_f + p_f⊙c₋, a_o + p_o⊙c; any subset',
    source: 'Gers & Schmidhuber 2000',
    elsewhere: 'ONNX, oneDNN, TensorFlow 1',
    layer: size => lstm({ size, peepholes: true }),
  },
  {
    cell: 'lstm',
    option: "coupled: 'f'",
    equation: 'f = 1 − i; three gates have weights',
    source: 'Greff et al. 2017',
    elsewhere: 'ONNX',
    layer: size => lstm({ size, coupled: 'f' }),
  },
  {
    cell: 'lstm',
    option: "coupled: 'i'",
    equation: 'i = 1 − f',
    source: 'Greff et al. 2017',
    elsewhere: '',
    layer: size => lstm({ size, coupled: 'i' }),
  },
  {
    cell: 'lstm',
    option: 'forgetBias: 1',
    equation: 'what the bias of f starts from',
    source: 'Jozefowicz et al. 2015',
    elsewhere: 'Keras, TensorFlow 1',
    layer: size => lstm({ size, forgetBias: 1 }),
  },
  {
    cell: 'lstm',
    option: 'cellClip: 3',
    equation: 'c ← min(max(c, −v), v)',
    source: 'Sak et al. 2014',
    elsewhere: 'TensorFlow 1',
    layer: size => lstm({ size, cellClip: 3 }),
  },
  {
    cell: 'lstm',
    option: 'clip: 3',
    equation: 'f(min(max(a, −v), v)) in each gate',
    source: 'ONNX',
    elsewhere: 'ONNX',
    layer: size => lstm({ size, clip: 3 }),
  },
  {
    cell: 'lstm',
    option: "activations: { i: 'hardSigmoid' }",
    equation: 'any of ONNX’s eleven, with alpha and beta, for i f g o and c',
    source: 'ONNX',
    elsewhere: 'Keras, ONNX',
    layer: size => lstm({ size, activations: { i: 'hardSigmoid' } }),
  },
  {
    cell: 'lstm',
    option: 'projection: 128',
    equation: 'h = clip((o⊙tanh(c))·P)',
    source: 'Sak et al. 2014',
    elsewhere: 'PyTorch, oneDNN, TensorFlow 1',
    layer: size => lstm({ size, projection: size / 2 }),
  },
  {
    cell: 'lstm',
    option: "layerNorm: 'joint'",
    equation: 'a = LN(x·W) + b + LN(h₋·R), h = o⊙tanh(LN(c))',
    source: 'Ba et al. 2016',
    elsewhere: 'Haste',
    layer: size => lstm({ size, layerNorm: 'joint' }),
  },
  {
    cell: 'lstm',
    option: "layerNorm: 'perGate'",
    equation: 'LN of each gate’s sum and of c',
    source: 'Ba et al. 2016',
    elsewhere: 'TensorFlow 1',
    layer: size => lstm({ size, layerNorm: 'perGate' }),
  },
  {
    cell: 'lstm',
    option: 'zoneout: { h: 0.1, c: 0.1 }',
    equation: 'h ← p⊙h₋ + (1−p)⊙h, c likewise',
    source: 'Krueger et al. 2017',
    elsewhere: 'Haste',
    layer: size => lstm({ size, zoneout: { h: 0.1, c: 0.1 } }),
  },
  {
    cell: 'lstm',
    option: 'dropout: 0.2',
    equation: 'x⊙m, m the same at all steps',
    source: 'Gal & Ghahramani 2016',
    elsewhere: 'Keras',
    layer: size => lstm({ size, dropout: 0.2 }),
  },
  {
    cell: 'lstm',
    option: 'dropout: 0.2, recurrentDropout: 0.2',
    equation: 'each gate reads x⊙m and h₋⊙m of its own, m the same at all steps',
    source: 'Gal & Ghahramani 2016',
    elsewhere: 'Keras',
    layer: size => lstm({ size, dropout: 0.2, recurrentDropout: 0.2 }),
  },
  {
    cell: 'lstm',
    option: 'weightDropout: 0.5',
    equation: 'R⊙m, m drawn once per training step',
    source: 'Merity et al. 2018',
    elsewhere: 'fastai',
    layer: size => lstm({ size, weightDropout: 0.5 }),
  },
  {
    cell: 'lstm',
    option: "biases: 'two'",
    equation: 'x·W + b + h₋·R + b_R',
    source: 'cuDNN',
    elsewhere: 'PyTorch, ONNX',
    layer: size => lstm({ size, biases: 'two' }),
  },
  {
    cell: 'lstm',
    option: 'bias: false',
    equation: 'x·W + h₋·R',
    source: '',
    elsewhere: 'PyTorch, Keras, ONNX',
    layer: size => lstm({ size, bias: false }),
  },
  {
    cell: 'lstm',
    option: "initialState: 'learned'",
    equation: 'h₀ and c₀ are parameters',
    source: '',
    elsewhere: '',
    layer: size => lstm({ size, initialState: 'learned' }),
  },
  {
    cell: 'lstm',
    option: 'recompute: true',
    equation: 'gates are computed again in backward, in √T of the memory',
    source: 'Chen et al. 2016',
    elsewhere: '',
    layer: size => lstm({ size, recompute: true }),
  },
];
