import type { Suite } from './mutation.ts';

const inputGates = 'lib/layers/input-gates.ts';
const qrnn = 'lib/layers/qrnn.ts';

/** Recurrent layers that are compositions of operations. */
export const layers: Suite = {
  name: 'layers',
  native: false,
  tests: ['test/layers/input-gates.test.ts'],
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
  ],
};
