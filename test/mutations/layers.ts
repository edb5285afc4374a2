import type { Suite } from './mutation.ts';

const cellWeights = 'lib/formats/cell-weights.ts';
const inputGates = 'lib/layers/input-gates.ts';
const qrnn = 'lib/layers/qrnn.ts';

/** What recurrent layers record, and what they make of weights from elsewhere. */
export const layers: Suite = {
  name: 'layers',
  native: false,
  tests: ['test/layers/input-gates.test.ts', 'test/layers/recurrent.test.ts', 'test/formats/cell-weights.test.ts'],
  mutations: [
    {
      name: 'layers: backward, the last step is not the one that was read last',
      file: inputGates,
      find: "this.direction === 'forward' ? -1 : 0",
      replace: '-1',
    },
    {
      name: 'minGru: an open gate keeps the state',
      file: 'lib/layers/min-gru.ts',
      find: 'const z = sigmoid(update);',
      replace: 'const z = sigmoid(scale(update, -1));',
    },
    {
      name: 'minLstm: shares do not sum to 1',
      file: 'lib/layers/min-lstm.ts',
      find: 'a: divide(f, sum)',
      replace: 'a: f',
    },
    {
      name: 'indRnn: units keep all that they saw',
      file: 'lib/layers/ind-rnn.ts',
      find: 'multiply(u, step.h)',
      replace: 'step.h',
    },
    {
      name: 'sru: the reset gate sees the new state',
      file: 'lib/layers/sru.ts',
      find: 'multiply(vr, before)',
      replace: 'multiply(vr, outputs.c)',
    },
    {
      name: 'qrnn: windows look ahead where sequences are read from their ends',
      file: qrnn,
      find: 'direction, }); seen.push(delayed.y);',
      replace: "direction: 'forward', }); seen.push(delayed.y);",
    },
    {
      name: 'qrnn: what the window saw is not carried on',
      file: qrnn,
      find: 'before: before && slice(',
      replace: 'before: undefined && slice(',
    },
    {
      name: 'rgLru: digits are lost where it hardly forgets',
      file: 'lib/layers/rg-lru.ts',
      find: 'multiply(tanh(rate), scale(square(a), 1, 1))',
      replace: 'scale(square(a), -1, 1)',
    },
    {
      name: 'recurrent: all gates drop the same inputs where states are dropped too',
      file: 'lib/layers/recurrent.ts',
      find: 'recurrentDropout > 0 ? this.gates : 1',
      replace: '1',
    },
    {
      name: 'cellWeights: concatenated, the input stands before the state',
      file: cellWeights,
      find: 'row.slice(0, rows.length)',
      replace: 'row.slice(-rows.length)',
    },
    {
      name: 'cellWeights: a gate without a bias has none of zeros',
      file: cellWeights,
      find: 'bias ?? new Float64Array(size)',
      replace: 'bias ?? []',
    },
  ],
};
