import type { Suite } from './mutation.ts';
import { testsIn } from './tests-in.ts';

const norm = 'lib/backend/js/global-norm.ts';
const optimizer = 'lib/backend/js/optimizer.ts';
const adam = 'lib/backend/js/adam.ts';
const sgd = 'lib/backend/js/sgd.ts';
const rmsprop = 'lib/backend/js/rmsprop.ts';
const adagrad = 'lib/backend/js/adagrad.ts';
const adadelta = 'lib/backend/js/adadelta.ts';
const adamax = 'lib/backend/js/adamax.ts';
const nadam = 'lib/backend/js/nadam.ts';

/** Optimizers of the js backend, and the norm that they clip. */
export const jsOptimizers: Suite = {
  name: 'optimizers on js',
  native: false,
  tests: ['test/golden/golden.test.ts', ...testsIn('test/ops')],
  mutations: [
    {
      name: 'js globalNorm: only the first tensor counts',
      file: norm,
      find: 'sum += data[k]! * data[k]!',
      replace: 'if (i === 0) sum += data[k]! * data[k]!',
    },
    {
      name: 'js globalNorm: what stands behind the rows of a table counts',
      file: norm,
      find: 'at ? countRows(at) * shape.at(-1)! : data.length',
      replace: 'at ? at.length * shape.at(-1)! : data.length',
    },
    { name: 'js globalNorm: the root is forgotten', file: norm, find: 'Math.sqrt(sum)', replace: 'sum' },
    {
      name: 'js optimizers: the norm is always brought to its limit',
      file: optimizer,
      find: 'Math.min(1, clipNorm / (norm.data[0]! + 1e-6))',
      replace: 'clipNorm / (norm.data[0]! + 1e-6)',
    },
    {
      name: 'js optimizers: the norm is not clipped',
      file: optimizer,
      find: 'norm && clipNorm > 0 ?',
      replace: 'norm && clipNorm < 0 ?',
    },
    {
      name: 'js optimizers: values are clipped from above only',
      file: optimizer,
      find: 'Math.max(-limit, Math.min(limit, g * scale))',
      replace: 'Math.min(limit, g * scale)',
    },
    { name: 'js optimizers: uphill is downhill', file: optimizer, find: 'maximize ? -1 : 1', replace: '1' },
    { name: 'js optimizers: weights do not decay', file: optimizer, find: '+ decay * p', replace: '' },
    {
      name: 'js optimizers: going uphill, decay pushes weights away',
      file: optimizer,
      find: 'sign * Math.max(-limit, Math.min(limit, g * scale)) + decay * p',
      replace: 'sign * (Math.max(-limit, Math.min(limit, g * scale)) + decay * p)',
    },
    {
      name: 'js optimizers: rows of a table without a gradient are always passed over',
      file: optimizer,
      find: 'resting ? given.keys() : Array(rows).keys()',
      replace: 'given.keys()',
    },
    {
      name: 'js optimizers: rows of a table without a gradient are never passed over',
      file: optimizer,
      find: 'resting ? given.keys() : Array(rows).keys()',
      replace: 'Array(rows).keys()',
    },
    {
      name: 'js optimizers: only the first reader of a table counts',
      file: optimizer,
      find: 'const count = countRows(at);',
      replace: 'const count = k === 0 ? countRows(at) : 0;',
    },
    {
      name: 'js sgd: rows without a gradient do not decay',
      file: sgd,
      find: '!b && attributes.weightDecay === 0',
      replace: '!b',
    },
    {
      name: 'js sgd: rows without a gradient lose their momentum',
      file: sgd,
      find: '!b && attributes.weightDecay === 0',
      replace: 'attributes.weightDecay === 0',
    },
    {
      name: 'js adagrad: rows without a gradient do not decay',
      file: adagrad,
      find: 'attributes.weightDecay === 0',
      replace: 'true',
    },
    {
      name: 'js sgd: the first average is taken with the dampening',
      file: sgd,
      find: 'first ? g : momentum',
      replace: 'momentum',
    },
    { name: 'js sgd: dampening is ignored', file: sgd, find: '(1 - dampening) * g', replace: 'g' },
    {
      name: 'js sgd: nesterov steps along the average',
      file: sgd,
      find: 'nesterov ? g + momentum * average : average',
      replace: 'average',
    },
    { name: 'js sgd: momentum is ignored', file: sgd, find: 'momentum * b.data[k]! +', replace: '' },
    {
      name: 'js adam: the mean is not corrected for its start',
      file: adam,
      find: 'rate / (1 - beta1 ** t)',
      replace: 'rate',
    },
    {
      name: 'js adam: the mean square is not corrected for its start',
      file: adam,
      find: 'Math.sqrt(1 - beta2 ** t)',
      replace: '1',
    },
    {
      name: 'js adam: epsilon stands under the root',
      file: adam,
      find: 'Math.sqrt(bound) / correction + epsilon',
      replace: 'Math.sqrt(bound + epsilon) / correction',
    },
    {
      name: 'js adam: amsgrad forgets the maximum',
      file: adam,
      find: 'Math.max(vMax.data[k]!, bound)',
      replace: 'bound',
    },
    {
      name: 'js adamw: the decay enters the gradient too',
      file: adam,
      find: 'decoupled ? { ...attributes, weightDecay: 0 } : attributes',
      replace: 'attributes',
    },
    {
      name: 'js adamw: the decay ignores the rate',
      file: adam,
      find: '1 - rate * weightDecay',
      replace: '1 - weightDecay',
    },
    {
      name: 'js adam: the mean square averages the gradient',
      file: adam,
      find: '(1 - beta2) * g * g',
      replace: '(1 - beta2) * g',
    },
    {
      name: 'js rmsprop: centred is not centred',
      file: rmsprop,
      find: 'variance - a.data[k]! ** 2',
      replace: 'variance',
    },
    { name: 'js rmsprop: momentum is ignored', file: rmsprop, find: 'momentum * b.data[k]! + step', replace: 'step' },
    {
      name: 'js rmsprop: the mean square forgets nothing',
      file: rmsprop,
      find: 'alpha * square[k]! + (1 - alpha) * g * g',
      replace: 'square[k]! + (1 - alpha) * g * g',
    },
    {
      name: 'js adagrad: the rate falls a step early',
      file: adagrad,
      find: '(inputs.clock.data[0]! - 1) *',
      replace: 'inputs.clock.data[0]! *',
    },
    {
      name: 'js adagrad: the sum forgets',
      file: adagrad,
      find: 'sum[k] = sum[k]! + g * g;',
      replace: 'sum[k] = g * g;',
    },
    {
      name: 'js adadelta: the mean square of steps is that of gradients',
      file: adadelta,
      find: '(1 - rho) * step * step',
      replace: '(1 - rho) * g * g',
    },
    {
      name: 'js adamax: the bound forgets at once',
      file: adamax,
      find: 'Math.max(beta2 * bound[k]!, Math.abs(g) + epsilon)',
      replace: 'Math.abs(g) + epsilon',
    },
    {
      name: 'js nadam: the momentum of this step stands for the next',
      file: nadam,
      find: '(rate * momentum(t + 1))',
      replace: '(rate * momentum(t))',
    },
    {
      name: 'js nadam: the product of momenta lacks the last',
      file: nadam,
      find: 'i <= t &&',
      replace: 'i < t &&',
    },
  ],
};
