import type { Suite } from './mutation.ts';
import { testsIn } from './tests-in.ts';

const clip = 'lib/backend/js/clip.ts';
const layerNorm = 'lib/backend/js/layer-norm.ts';
const attention = 'lib/layers/attention.ts';
const additive = 'lib/backend/js/additive-scores.ts';
const scatter = 'lib/backend/js/scatter-add.ts';
const mergeRows = 'lib/backend/js/merge-rows.ts';
const dropout = 'lib/backend/js/dropout.ts';
const padSteps = 'lib/backend/js/pad-steps.ts';
const stepAt = 'lib/backend/js/step-at.ts';
const delay = 'lib/backend/js/delay.ts';
const linear = 'lib/backend/js/linear-recurrence.ts';
const softmax = 'lib/backend/js/softmax.ts';

/** What the js backend has that is no loss, no optimizer and no cell. */
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
  ],
};
