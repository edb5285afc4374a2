import type { Suite } from './mutation.ts';
import { nativeOperationTests } from './tests-in.ts';

const optimizer = 'native/kernels/optimizer.inl.h';
const update = 'native/ops/update.cc';
const adam = 'native/ops/adam.cc';
const sgd = 'native/ops/sgd.cc';
const adagrad = 'native/ops/adagrad.cc';
const nadam = 'native/ops/nadam.cc';
const rowGradients = 'native/ops/row_gradients.cc';
const norm = 'native/ops/global_norm.cc';

/** Optimizers of the native backend, and the norm that they clip. */
export const nativeOptimizers: Suite = {
  name: 'optimizers on native',
  native: true,
  tests: nativeOperationTests,
  mutations: [
    {
      name: 'native globalNorm: what stands behind the rows of a table counts',
      file: norm,
      find: 'x.count = rows_at(at) * x.axis(-1);',
      replace: '',
    },
    {
      name: 'native optimizers: only the first reader of a table counts',
      file: rowGradients,
      find: 'const size_t count = step.inputs("rows").size();',
      replace: 'const size_t count = step.inputs("rows").empty() ? 0 : 1;',
    },
    {
      name: 'native optimizers: a row of a table takes those without a gradient with it',
      file: rowGradients,
      find: 'while (!gradients[row] && end < rows.end',
      replace: 'while (end < rows.end',
    },
    {
      name: 'native sgd: rows without a gradient do not decay',
      file: sgd,
      find: 'b == nullptr && weight_decay() == 0',
      replace: 'b == nullptr',
    },
    {
      name: 'native sgd: rows without a gradient lose their momentum',
      file: sgd,
      find: 'b == nullptr && weight_decay() == 0',
      replace: 'weight_decay() == 0',
    },
    {
      name: 'native sgd: rows without a gradient are read',
      file: sgd,
      find: 'b == nullptr && weight_decay() == 0',
      replace: 'false',
    },
    {
      name: 'native globalNorm: the root is forgotten',
      file: norm,
      find: 'static_cast<float>(std::sqrt(total))',
      replace: 'static_cast<float>(total)',
    },
    {
      name: 'native optimizers: the norm is always brought to its limit',
      file: update,
      find: 'if (scale > 1) scale = 1;',
      replace: '',
    },
    {
      name: 'native optimizers: uphill is downhill',
      file: update,
      find: 'maximize_ ? -scale : scale',
      replace: 'scale',
    },
    {
      name: 'native optimizers: values are clipped from above only',
      file: optimizer,
      find: 'min(max(Vec::set(rule.scale) * g, Vec::set(-rule.limit)), Vec::set(rule.limit))',
      replace: 'min(Vec::set(rule.scale) * g, Vec::set(rule.limit))',
    },
    {
      name: 'native optimizers: weights do not decay',
      file: optimizer,
      find: 'fma(Vec::set(rule.decay), p, bounded)',
      replace: 'bounded',
    },
    {
      name: 'native adamw: the decay enters the gradient too',
      file: update,
      find: 'decoupled_ ? 0 : weight_decay_',
      replace: 'weight_decay_',
    },
    {
      name: 'native adam: the mean is not corrected for its start',
      file: adam,
      find: 'rate / (1 - power(beta1_, t))',
      replace: 'rate',
    },
    {
      name: 'native adam: powers lose their odd factors',
      file: adam,
      find: 'if (n % 2 == 1) result *= x;',
      replace: 'if (n == 1) result *= x;',
    },
    {
      name: 'native adam: amsgrad forgets the maximum',
      file: optimizer,
      find: 'v = max(v, lanes.load(bounds + i));',
      replace: 'v = v + Vec::zero() * lanes.load(bounds + i);',
    },
    {
      name: 'native adam: the mean square averages the gradient',
      file: optimizer,
      find: 'Vec::set(step.new2) * (g * g)); lanes.store(means + i, m); lanes.store(squares + i, v); if (bounds)',
      replace: 'Vec::set(step.new2) * g); lanes.store(means + i, m); lanes.store(squares + i, v); if (bounds)',
    },
    {
      name: 'native sgd: the first average is taken with the dampening',
      file: sgd,
      find: 'first ? 1 : 1 - dampening_',
      replace: '1 - dampening_',
    },
    {
      name: 'native sgd: nesterov steps along the average',
      file: optimizer,
      find: 'step.nesterov ? fma(Vec::set(step.momentum), b, g) : b',
      replace: 'b',
    },
    {
      name: 'native rmsprop: centred is not centred',
      file: optimizer,
      find: 'max(fma(-a, a, v), Vec::zero())',
      replace: 'v',
    },
    {
      name: 'native rmsprop: momentum is not remembered',
      file: optimizer,
      find: 'lanes.store(averages + i, direction);',
      replace: '',
    },
    { name: 'native adagrad: the rate falls a step early', file: adagrad, find: '(moment.t - 1)', replace: 'moment.t' },
    {
      name: 'native adagrad: the sum forgets',
      file: optimizer,
      find: 'fma(g, g, lanes.load(squares + i))',
      replace: 'g * g',
    },
    {
      name: 'native adadelta: the mean square of steps is not remembered',
      file: optimizer,
      find: 'lanes.store(steps + i, fma(rho, u, fresh * (d * d)));',
      replace: '',
    },
    {
      name: 'native adamax: the bound forgets at once',
      file: optimizer,
      find: 'max(Vec::set(step.beta2) * lanes.load(bounds + i), abs(g) + Vec::set(step.epsilon))',
      replace: 'abs(g) + Vec::set(step.epsilon)',
    },
    {
      name: 'native nadam: the product of momenta lacks the last',
      file: nadam,
      find: 'i <= t &&',
      replace: 'i < t &&',
    },
  ],
};
