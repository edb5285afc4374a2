import type { Suite } from './mutation.ts';

const options = 'lib/backend/js/cell-options.ts';
const activation = 'lib/backend/js/activation.ts';
const rnn = 'lib/backend/js/rnn-options.ts';
const gru = 'lib/backend/js/gru-options.ts';
const lstm = 'lib/backend/js/lstm-options.ts';

/** What cells have beside their plain equations, on the js backend. */
export const jsCellOptions: Suite = {
  name: 'options of cells on js',
  native: false,
  tests: ['test/ops/cell-options.test.ts', 'test/ops/activation.test.ts', 'test/golden/golden.test.ts'],
  mutations: [
    {
      name: 'js options: the clip lets gradients through',
      file: options,
      find: 'Math.abs(x) > clip ? 0 : d * slope',
      replace: 'd * slope',
    },
    {
      name: 'js options: the new cell state is clipped as gates are',
      file: options,
      find: 'index < gates ? clip : Infinity',
      replace: 'clip',
    },
    {
      name: 'js activation: the slope of softplus is that of relu',
      file: activation,
      find: 'softplus, slope: logistic',
      replace: 'softplus, slope: x => (x > 0 ? 1 : 0)',
    },
    {
      name: 'js options: what rnn keeps of its old state is not carried back',
      file: rnn,
      find: 'dh[s]! *= share;',
      replace: 'dh[s] = 0;',
    },
    {
      name: 'js options: gru forgets how its update gate works',
      file: gru,
      find: "const sign = updateGate === 'keep' ? 1 : -1;",
      replace: 'const sign = 1;',
    },
    {
      name: 'js options: o sees the old cell state',
      file: lstm,
      find: "sums.o = sum('o') + see('o') * next;",
      replace: "sums.o = sum('o') + see('o') * c;",
    },
    {
      name: 'js options: a coupled gate has no gradient',
      file: lstm,
      find: "- (coupled === 'f' ? d * c : 0)",
      replace: '',
    },
    {
      name: 'js options: peepholes give nothing back to the cell state',
      file: lstm,
      find: "+ dI * see('i') + dF * see('f')",
      replace: '',
    },
    {
      name: 'js options: zoneout of c gives its share back twice',
      file: lstm,
      find: '(1 - shareC) * dc[s]! +',
      replace: 'dc[s]! +',
    },
  ],
};
