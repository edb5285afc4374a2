import type { Suite } from './mutation.ts';
import { testsIn } from './tests-in.ts';

const crossEntropy = 'lib/backend/js/softmax-cross-entropy.ts';
const binary = 'lib/backend/js/binary-cross-entropy.ts';
const smoothAbs = 'lib/backend/js/smooth-abs.ts';
const ctc = 'lib/backend/js/ctc.ts';
const correct = 'lib/backend/js/correct.ts';

/** Losses of the js backend. */
export const jsLosses: Suite = {
  name: 'losses on js',
  native: false,
  tests: ['test/golden/golden.test.ts', ...testsIn('test/ops')],
  mutations: [
    {
      name: 'js cross-entropy: smoothing does not take from the target',
      file: crossEntropy,
      find: 'loss = (1 - smoothing) * weight *',
      replace: 'loss = weight *',
    },
    {
      name: 'js cross-entropy: smoothing forgets the class weights',
      file: crossEntropy,
      find: 'others += (weights ? weights.data[c]! : 1) *',
      replace: 'others +=',
    },
    {
      name: 'js cross-entropy: the mean divides by the number of rows',
      file: crossEntropy,
      find: 'total === 0 ? 0 : sum / total',
      replace: 'sum / targets.data.length',
    },
    {
      name: 'js cross-entropy: the mean over no target is not 0',
      file: crossEntropy,
      find: 'total === 0 ? 0 : sum / total',
      replace: 'sum / total',
    },
    {
      name: 'js cross-entropy: ignored rows get a gradient',
      file: crossEntropy,
      find: 'dx.fill(0, row, row + C); continue;',
      replace: 'dx.fill(0, row, row + C);',
    },
    {
      name: 'js cross-entropy: the target is not taken off the gradient',
      file: crossEntropy,
      find: 'dx[row + target]! -= hit;',
      replace: '',
    },
    {
      name: 'js cross-entropy: the gradient forgets what was smoothed away',
      file: crossEntropy,
      find: '- spread * (weights ? weights.data[c]! : 1)',
      replace: '',
    },
    {
      name: "js cross-entropy: a loss per row gets the first row's gradient",
      file: crossEntropy,
      find: "reduction === 'none' ? dLoss.data[i]! : shared",
      replace: "reduction === 'none' ? dLoss.data[0]! : shared",
    },
    {
      name: 'js binary cross-entropy: the positive weight falls on the other class',
      file: binary,
      find: 'w * (p * y * softplus(-x) + (1 - y) * softplus(x))',
      replace: 'w * (y * softplus(-x) + p * (1 - y) * softplus(x))',
    },
    {
      name: 'js binary cross-entropy: the element weights are ignored in the gradient',
      file: binary,
      find: 'upstream * w * ((1 - y)',
      replace: 'upstream * ((1 - y)',
    },
    {
      name: 'js binary cross-entropy: the gradient forgets the positive weight',
      file: binary,
      find: '- p * y * logistic(-x)',
      replace: '- y * logistic(-x)',
    },
    {
      name: "js binary cross-entropy: the mean's gradient is the sum's",
      file: binary,
      find: "const count = reduction === 'mean' ? logits.data.length : 1;",
      replace: 'const count = 1;',
    },
    {
      name: 'js ctc: a label may follow itself without a blank between',
      file: ctc,
      find: '&& states[s] !== states[s - 2]',
      replace: '',
    },
    {
      name: 'js ctc: no label follows another without a blank between',
      file: ctc,
      find: 's >= 2 && s % 2 === 1 &&',
      replace: 'false &&',
    },
    {
      name: 'js ctc: readings that end with a label are left out',
      file: ctc,
      find: '[alpha[T - 1]![S - 1], alpha[T - 1]![S - 2]]',
      replace: '[alpha[T - 1]![S - 1]]',
    },
    {
      name: 'js ctc: the mean does not divide by the labels',
      file: ctc,
      find: 'Math.max(1, (states.length - 1) / 2) * order.data.length',
      replace: 'order.data.length',
    },
    {
      name: 'js ctc: what cannot be read has a gradient',
      file: ctc,
      find: 'dx.fill(0, row * C, (row + 1) * C);',
      replace: 'dx.fill(1, row * C, (row + 1) * C);',
    },
    {
      name: 'js smoothAbs: the line does not meet the parabola',
      file: smoothAbs,
      find: 'size - beta / 2',
      replace: 'size',
    },
    {
      name: 'js smoothAbs: the slope is not bounded',
      file: smoothAbs,
      find: 'Math.abs(value) < beta ? value / beta : Math.sign(value)',
      replace: 'value / beta',
    },
    {
      name: 'js softplus: large numbers overflow',
      file: 'lib/backend/js/softplus.ts',
      find: 'Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))',
      replace: 'Math.log1p(Math.exp(x))',
    },
    {
      name: 'js correct: ignored targets count as right',
      file: correct,
      find: 'if (target === ignore) continue;',
      replace: '',
    },
    {
      name: 'js correct: logits at 0 pass for positive',
      file: correct,
      find: 'logits.data[i]! > 0 === target > 0.5',
      replace: 'logits.data[i]! >= 0 === target > 0.5',
    },
  ],
};
