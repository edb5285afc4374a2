import type { Suite } from './mutation.ts';
import { nativeOperationTests, testsIn } from './tests-in.ts';

const tile = 'native/linalg/gemm.inl.h';
const gemm = 'native/linalg/gemm.cc';
const lanes = 'native/kernels/lanes.inl.h';
const sums = 'native/kernels/sum.inl.h';
const softmax = 'native/kernels/softmax.inl.h';
const clip = 'native/kernels/clip.inl.h';
const layerNorm = 'native/kernels/layer_norm.inl.h';
const layerNormRun = 'native/ops/layer_norm.cc';
const additive = 'native/kernels/additive_scores.inl.h';
const additiveRun = 'native/ops/additive_scores.cc';
const dropout = 'native/kernels/dropout.inl.h';
const gather = 'native/ops/gather.cc';
const rows = 'native/ops/stacked_rows.h';
const mergeRows = 'native/ops/merge_rows.cc';
const padSteps = 'native/ops/pad_steps.cc';
const stepAt = 'native/ops/step_at.cc';
const linear = 'native/sequence/linear_recurrence.cc';
const linearStep = 'native/kernels/linear_recurrence.inl.h';
const delay = 'native/sequence/delay.cc';

/** What the native backend has that is no loss, no optimizer and no cell. */
export const nativeOperations: Suite = {
  name: 'operations on native',
  native: true,
  tests: [...nativeOperationTests, ...testsIn('test/native/linalg'), 'test/native/sequence/linear-recurrence.test.ts'],
  mutations: [
    {
      name: 'native matmul: the last column of a tile is not written',
      file: tile,
      find: 'sums[i][v].store(c, last);',
      replace: 'sums[i][v].store(c, last - 1);',
    },
    {
      name: 'native matmul: the bias is ignored',
      file: gemm,
      find: 'product_.init == GemmInit::kBias && depth_.begin == 0',
      replace: 'false',
    },
    {
      name: 'native matmul: every block of the depth starts from zero',
      file: gemm,
      find: 'product_.init == GemmInit::kZero && depth_.begin == 0',
      replace: 'product_.init == GemmInit::kZero',
    },
    {
      name: 'native matmul: a transposed operand is packed as if it were not',
      file: gemm,
      find: 'kernels_.pack(a_at(rows.begin), product_.a.column, product_.a.row,',
      replace: 'kernels_.pack(a_at(rows.begin), product_.a.row, product_.a.column,',
    },
    {
      name: 'native matmul: tiles have the rows that fit the widest share, not their own',
      file: gemm,
      find: 'const int64_t count = vectors_.end - vectors_.begin, most = kernels.max_vectors;',
      replace:
        'const int64_t count = plan.by_columns ? pieces(plan.vectors, plan.threads) : plan.vectors, most = kernels.max_vectors;',
    },
    {
      name: 'native matmul: what is packed at once of a transposed operand is that of its first part',
      file: gemm,
      find: '(depth_.begin * bands() + (depth_.end',
      replace: '(0 * bands() + (depth_.end',
    },
    {
      name: 'native vectors: what does not fill a vector is left out',
      file: lanes,
      find: 'if (i < count) body',
      replace: 'if (i < count && i == 0) body',
    },
    {
      name: 'native sums: the last of four rows is left out',
      file: sums,
      find: '+ c[k]) + d[k];',
      replace: '+ c[k]);',
    },
    {
      name: 'native sums: rows beyond whole fours are left out',
      file: sums,
      find: 'for (; r < rows; ++r)',
      replace: 'for (; false;)',
    },
    {
      name: 'native sums: what does not fill sixteen lanes is left out',
      file: sums,
      find: 'for (int k = 0; i + k < elements; ++k) lane[k] += term(i + k);',
      replace: 'for (int k = 0; i + k < elements && i == 0; ++k) lane[k] += term(i + k);',
    },
    {
      name: 'native softmax: large scores overflow',
      file: softmax,
      find: 'exponentials(x, Vec::set(shift), y, count, sums);',
      replace: 'exponentials(x, Vec::set(0 * shift), y, count, sums);',
    },
    {
      name: 'native softmax: every row has the length of the first',
      file: 'native/ops/softmax.cc',
      find: 'lengths[row / rows_per_length]',
      replace: 'lengths[0]',
    },
    {
      name: 'native softmax: what lies beyond a length keeps what was there',
      file: 'native/ops/softmax.cc',
      find: 'std::fill(weights + count, weights + columns, 0.0f);',
      replace: '',
    },
    {
      name: 'native batchMatmul: every product has the first b',
      file: 'native/linalg/batch_matmul.cc',
      find: '.b = b.at(i),',
      replace: '.b = b.at(0),',
    },
    {
      name: 'native additiveScores: the slope is that of a line',
      file: additive,
      find: 'lanes.load(v + i) * fma(-t, t, Vec::set(1))',
      replace: 'lanes.load(v + i)',
    },
    {
      name: 'native additiveScores: features past the first 512 are left out',
      file: additive,
      find: 'first < size; first += at_a_time',
      replace: 'first < 1; first += at_a_time',
    },
    {
      name: 'native additiveScores: the gradient of v is added to what was there',
      file: additiveRun,
      find: 'std::fill_n(dv.real(), dv.count, 0.0f);',
      replace: '',
    },
    {
      name: 'native clip: a bound counts as outside',
      file: clip,
      find: 'select_positive(v - most, zero, lanes.load(dy + i))',
      replace: 'select_positive(most - v, lanes.load(dy + i), zero)',
    },
    {
      name: 'native layerNorm: the variance is of the row as it is',
      file: layerNorm,
      find: 'return (v - mean) * (v - mean);',
      replace: 'return v * v;',
    },
    {
      name: 'native layerNorm: a large mean takes digits with it',
      file: layerNorm,
      find: 'return ((v - high) - low) * inverse;',
      replace: 'return (v - high) * inverse;',
    },
    {
      name: 'native layerNorm: what the row itself contributes to its slope is forgotten',
      file: layerNorm,
      find: 'fma(-row.normalized(lanes.load(x + i)), slope, rest) * row.inverse',
      replace: 'rest * row.inverse',
    },
    {
      name: 'native layerNorm: the gain does not enter the mean gradient',
      file: layerNorm,
      find: 'static_cast<double>(dy[i]) * (gain ? gain[i] : 1.0)',
      replace: 'static_cast<double>(dy[i])',
    },
    {
      name: 'native layerNorm: all rows have the first gain',
      file: layerNormRun,
      find: 'data_ + row % rows_ * columns_',
      replace: 'data_',
    },
    {
      name: 'native constant: the first number stands for all',
      file: 'native/ops/copy.cc',
      find: 'std::copy(values_.begin(), values_.end(), y.real());',
      replace: 'std::fill_n(y.real(), values_.size(), values_[0]);',
    },
    {
      name: 'native scatterAdd: the padding index is not left out',
      file: gather,
      find: 'id[i] == ignore_ ? -1 : id[i]',
      replace: 'id[i]',
    },
    {
      name: 'native sums of rows: they begin with what was there',
      file: rows,
      find: 'std::fill_n(y.row(row) + columns.begin, width, 0.0f);',
      replace: '',
    },
    {
      name: 'native mergeRows: the padding index is not left out',
      file: mergeRows,
      find: 'distinct_.add(run.view(part.ids), ignore_);',
      replace: 'distinct_.add(run.view(part.ids));',
    },
    {
      name: 'native dropout: every step draws the same mask',
      file: dropout,
      find: 'word[1][v] = zero + time;',
      replace: 'word[1][v] = zero;',
    },
    {
      name: 'native dropout: every sequence draws the same mask',
      file: dropout,
      find: 'word[2][v] = zero + row;',
      replace: 'word[2][v] = zero;',
    },
    {
      name: 'native dropout: every training step draws the same mask',
      file: dropout,
      find: 'word[3][v] = zero + key.training_step;',
      replace: 'word[3][v] = zero;',
    },
    {
      name: 'native dropout: a round of the generator is left out',
      file: dropout,
      find: 'round < 10',
      replace: 'round < 9',
    },
    {
      name: 'native padSteps: sequences stand in the order of their ranks',
      file: padSteps,
      find: 'first = caller * ragged.steps();',
      replace: 'first = rank * ragged.steps();',
    },
    {
      name: 'native padSteps: past a length stands what was there',
      file: padSteps,
      find: 'if (pads && rest > 0)',
      replace: 'if (false)',
    },
    {
      name: "native stepAt: negative steps count from the longest sequence's end",
      file: stepAt,
      find: 'index_ < 0 ? length + index_',
      replace: 'index_ < 0 ? ragged.steps() + index_',
    },
    {
      name: 'native linearRecurrence: what is added is multiplied too',
      file: linearStep,
      find: 'const Vec next = fma(lanes.load(a + i), lanes.load(h + i), lanes.load(b + i));',
      replace: 'const Vec next = lanes.load(a + i) * (lanes.load(h + i) + lanes.load(b + i));',
    },
    {
      name: 'native linearRecurrence: a chunk forgets what it makes of the state before it',
      file: linearStep,
      find: 'lanes.store(p + i, factor * lanes.load(p + i));',
      replace: 'lanes.store(p + i, factor);',
    },
    {
      name: 'native linearRecurrence: a chunk adds up only its last step',
      file: linearStep,
      find: 'lanes.store(e + i, fma(factor, lanes.load(e + i), lanes.load(b + i)));',
      replace: 'lanes.store(e + i, lanes.load(b + i));',
    },
    {
      name: 'native linearRecurrence: every chunk begins with the first state',
      file: linear,
      find: 'kernels.linear_step(factors + done, ends + done, next, next, columns);',
      replace: '',
    },
    {
      name: 'native linearRecurrence: the last chunk leaves out what does not divide',
      file: linear,
      find: 'length = (steps + count - 1) / count;',
      replace: 'length = steps / count;',
    },
    {
      name: 'native linearRecurrence: a thread that begins within a chunk begins with its first column',
      file: linear,
      find: 'first = column % columns;',
      replace: 'first = 0 * (column % columns);',
    },
    {
      name: 'native linearRecurrence: the states after the first chunk are the last ones',
      file: linear,
      find: 'scatter_states(ragged, states + (chunks.count - 1) * columns, units, units, last.real());',
      replace: 'scatter_states(ragged, states, units, units, last.real());',
    },
    {
      name: 'native delay: sequences that begin late get what is the first ones’',
      file: delay,
      find: 'std::min(active, ragged.active(earlier))',
      replace: 'active',
    },
    {
      name: 'native delay: what was before is read by rank',
      file: delay,
      find: 'before + ragged.caller(rank) * columns',
      replace: 'before + rank * columns',
    },
    {
      name: 'native softplus: large scores overflow',
      file: 'native/kernels/math.inl.h',
      find: 'max(x, Vec::zero()) + log1p(exp(-abs(x)))',
      replace: 'log1p(exp(x))',
    },
  ],
};
