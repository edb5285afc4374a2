import type { Suite } from './mutation.ts';
import { testsIn } from './tests-in.ts';

const crossEntropy = 'lib/backend/js/softmax-cross-entropy.ts';
const binary = 'lib/backend/js/binary-cross-entropy.ts';
const smoothAbs = 'lib/backend/js/smooth-abs.ts';
const clip = 'lib/backend/js/clip.ts';
const layerNorm = 'lib/backend/js/layer-norm.ts';
const attention = 'lib/layers/attention.ts';
const additive = 'lib/backend/js/additive-scores.ts';
const ctc = 'lib/backend/js/ctc.ts';
const scatter = 'lib/backend/js/scatter-add.ts';
const mergeRows = 'lib/backend/js/merge-rows.ts';
const norm = 'lib/backend/js/global-norm.ts';
const dropout = 'lib/backend/js/dropout.ts';
const padSteps = 'lib/backend/js/pad-steps.ts';
const stepAt = 'lib/backend/js/step-at.ts';
const delay = 'lib/backend/js/delay.ts';
const linear = 'lib/backend/js/linear-recurrence.ts';
const optimizer = 'lib/backend/js/optimizer.ts';
const adam = 'lib/backend/js/adam.ts';
const sgd = 'lib/backend/js/sgd.ts';
const rmsprop = 'lib/backend/js/rmsprop.ts';
const adagrad = 'lib/backend/js/adagrad.ts';
const adadelta = 'lib/backend/js/adadelta.ts';
const adamax = 'lib/backend/js/adamax.ts';
const nadam = 'lib/backend/js/nadam.ts';
const softmax = 'lib/backend/js/softmax.ts';
const correct = 'lib/backend/js/correct.ts';

/** Losses, lookups, dropout and optimizers of the js backend. */
export const jsOperations: Suite = {
  name: 'operations on js',
  native: false,
  tests: [
    'test/golden/golden.test.ts',
    ...testsIn('test/ops'),
    'test/layers/attention.test.ts',
    'test/layers/recurrent-cell.test.ts',
  ],
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
      name: 'js clip: a bound counts as outside',
      file: clip,
      find: 'x.data[k]! < low',
      replace: 'x.data[k]! <= low',
    },
    {
      name: 'js layerNorm: the variance is of the row as it is',
      file: layerNorm,
      find: '(x[k]! - mean) ** 2',
      replace: 'x[k]! ** 2',
    },
    {
      name: 'js layerNorm: every row has the first gain',
      file: layerNorm,
      find: 'view.data[k % view.data.length]!',
      replace: 'view.data[k % view.shape.at(-1)!]!',
    },
    {
      name: 'js layerNorm: the slope forgets what the row itself contributes',
      file: layerNorm,
      find: '- ((x.data[k]! - mean) * inverse * along) / count',
      replace: '',
    },
    {
      name: 'js softmax: large logits overflow',
      file: softmax,
      find: 'let largest = Number.NEGATIVE_INFINITY; for (let j = start; j < start + count; j++) largest = Math.max(largest, x[j]!);',
      replace: 'let largest = 0;',
    },
    {
      name: 'js softmax: what lies beyond a length counts',
      file: softmax,
      find: "lengths ? lengthOf('softmax', lengths, Math.floor(start / perLength), columns) : columns",
      replace: 'columns',
    },
    {
      name: 'js softmax: every row has the length of the first',
      file: softmax,
      find: 'Math.floor(start / perLength)',
      replace: '0',
    },
    {
      name: 'js batchMatmul: every product has the first b',
      file: 'lib/backend/js/batch-matmul.ts',
      find: 'bRows, bColumns, i * bRows * bColumns',
      replace: 'bRows, bColumns, 0',
    },
    {
      name: 'js additiveScores: keys beyond the length are compared',
      file: additive,
      find: 'const length = lengths ? lengthOf(op, lengths, b, steps) : steps;',
      replace: 'const length = steps;',
    },
    {
      name: 'js additiveScores: the gradient of v forgets the upstream',
      file: additive,
      find: 'dv[share + a]! += ds * t;',
      replace: 'dv[share + a]! += t;',
    },
    {
      name: 'attention: scaledDot is not scaled',
      file: attention,
      find: "this.score === 'scaledDot' ? scale(products, 1 / Math.sqrt(this.querySize)) : products",
      replace: 'products',
    },
    {
      name: 'attention: the context has nothing to do with the weights',
      file: attention,
      find: 'batchMatmul(weights, values)',
      replace: 'batchMatmul(scale(weights, 0, 0.2), values)',
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
      name: 'js binary cross-entropy: large logits overflow',
      file: binary,
      find: 'Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))',
      replace: 'Math.log1p(Math.exp(x))',
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
      name: 'js scatterAdd: repeated ids do not add up',
      file: scatter,
      find: 'sums[to + j]! += x.data[from + j]!',
      replace: 'sums[to + j] = x.data[from + j]!',
    },
    {
      name: 'js scatterAdd: the padding index is not left out',
      file: scatter,
      find: 'if (id === -1 || id === ignore) continue;',
      replace: 'if (id === -1) continue;',
    },
    {
      name: 'js mergeRows: repeated ids do not add up',
      file: mergeRows,
      find: 'sum[j]! += x.data[i * columns + j]!',
      replace: 'sum[j] = x.data[i * columns + j]!',
    },
    {
      name: 'js mergeRows: the padding index is not left out',
      file: mergeRows,
      find: 'if (id === -1 || id === ignore) continue;',
      replace: 'if (id === -1) continue;',
    },
    {
      name: 'js mergeRows: every reader has rows of its own',
      file: mergeRows,
      find: 'if (!sums.has(id)) {',
      replace: 'if (!at.includes(id)) {',
    },
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
      name: 'js dropout: what is kept is not scaled up',
      file: dropout,
      find: 'x.data[k]! / (1 - key.rate)',
      replace: 'x.data[k]!',
    },
    {
      name: 'js dropout: every step draws the same mask',
      file: dropout,
      find: 'unit / 4, t, firstRow + place',
      replace: 'unit / 4, 0, firstRow + place',
    },
    {
      name: 'js dropout: every sequence draws the same mask',
      file: dropout,
      find: 'firstRow + place',
      replace: 'firstRow',
    },
    {
      name: 'js dropout: every training step draws the same mask',
      file: dropout,
      find: 'firstRow + place, trainingStep',
      replace: 'firstRow + place, 0',
    },
    { name: 'js dropout: rows are numbered by rank', file: dropout, find: 'layout.order[rank]!)', replace: 'rank)' },
    {
      name: 'gruStep: an open update gate does not let go of what is new',
      file: 'lib/ops/gru-step.ts',
      find: 'multiply(z, subtract(h, n))',
      replace: 'multiply(z, h)',
    },
    {
      name: 'Bahdanau GRU: the attention looks with the state after the step',
      file: 'lib/layers/bahdanau-gru.ts',
      find: 'outputs: { output: concat([next, context]), weights }',
      replace: 'outputs: { output: concat([next, context]), weights: this.attention.attend(next, memory).weights }',
    },
    {
      name: 'Luong LSTM: the attentional vector is not fed to the next step',
      file: 'lib/layers/luong-lstm.ts',
      find: '{ ...next, attentional: output }',
      replace: '{ ...next, attentional }',
    },
    {
      name: 'a cell of your own: reads forward whatever its direction',
      file: 'lib/layers/recurrent-cell.ts',
      find: '{ direction: this.direction },',
      replace: '{},',
    },
    {
      name: 'a cell of your own: begins from zeros whatever is given',
      file: 'lib/layers/recurrent-cell.ts',
      find: '...initialStates(x, this.widths), ...state }',
      replace: '...initialStates(x, this.widths) }',
    },
    {
      name: 'js padSteps: sequences stand in the order of their ranks',
      file: padSteps,
      find: 'layout.order[rank]! * layout.steps + t',
      replace: 'rank * layout.steps + t',
    },
    {
      name: 'js padSteps: lengths stand in the order of the ranks',
      file: padSteps,
      find: 'lengths.data[layout.order[rank]!] = length;',
      replace: 'lengths.data[rank] = length;',
    },
    {
      name: 'js padSteps: past a length stands what was there',
      file: padSteps,
      find: 'y.data.fill(0);',
      replace: '',
    },
    {
      name: "js stepAt: negative steps count from the longest sequence's end",
      file: stepAt,
      find: 'lengths[rank]! + index',
      replace: 'layout.steps + index',
    },
    {
      name: 'js linearRecurrence: the state of a step is forgotten',
      file: linear,
      find: 'a.data[first + k]! * h[k]! + b.data[first + k]!',
      replace: 'b.data[first + k]!',
    },
    {
      name: 'js linearRecurrence: sequences that have ended go on',
      file: linear,
      find: 'activeAt(layout, t) * H;',
      replace: 'layout.batch * H;',
    },
    {
      name: 'js delay: nothing is delayed',
      file: delay,
      find: 'y.data.set(previous.subarray(0, count), first);',
      replace: 'y.data.set(data.subarray(first, first + count), first);',
    },
    {
      name: 'js delay: the last step is not kept',
      file: delay,
      find: 'previous.set(data.subarray(first, first + count));',
      replace: 'if (t + 1 < layout.steps) previous.set(data.subarray(first, first + count));',
    },
    {
      name: 'js softplus: large scores overflow',
      file: 'lib/backend/js/softplus.ts',
      find: 'Math.max(x.data[k]!, 0) + Math.log1p(Math.exp(-Math.abs(x.data[k]!)))',
      replace: 'Math.log1p(Math.exp(x.data[k]!))',
    },
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
