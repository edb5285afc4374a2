import type { Suite } from './mutation.ts';
import { testsIn } from './tests-in.ts';

const tile = 'native/linalg/gemm.inl.h';
const gemm = 'native/linalg/gemm.cc';
const lanes = 'native/kernels/lanes.inl.h';
const sums = 'native/kernels/sum.inl.h';
const softmax = 'native/kernels/softmax.inl.h';
const binary = 'native/kernels/binary_cross_entropy.inl.h';
const smoothAbs = 'native/kernels/smooth_abs.inl.h';
const clip = 'native/kernels/clip.inl.h';
const layerNorm = 'native/kernels/layer_norm.inl.h';
const layerNormRun = 'native/ops/layer_norm.cc';
const additive = 'native/kernels/additive_scores.inl.h';
const additiveRun = 'native/ops/additive_scores.cc';
const ctc = 'native/ops/ctc.cc';
const dropout = 'native/kernels/dropout.inl.h';
const optimizer = 'native/kernels/optimizer.inl.h';
const update = 'native/ops/update.cc';
const adam = 'native/ops/adam.cc';
const sgd = 'native/ops/sgd.cc';
const adagrad = 'native/ops/adagrad.cc';
const nadam = 'native/ops/nadam.cc';
const crossEntropy = 'native/ops/softmax_cross_entropy.cc';
const binaryRun = 'native/ops/binary_cross_entropy.cc';
const gather = 'native/ops/gather.cc';
const rows = 'native/ops/stacked_rows.h';
const mergeRows = 'native/ops/merge_rows.cc';
const rowGradients = 'native/ops/row_gradients.cc';
const norm = 'native/ops/global_norm.cc';
const padSteps = 'native/ops/pad_steps.cc';
const stepAt = 'native/ops/step_at.cc';
const linear = 'native/sequence/linear_recurrence.cc';
const linearStep = 'native/kernels/linear_recurrence.inl.h';
const delay = 'native/sequence/delay.cc';
const run = 'native/engine/run.cc';
const limits = 'native/engine/limits.cc';
const limitKernels = 'native/kernels/limits.inl.h';
const barrier = 'native/sequence/step_barrier.h';
const ragged = 'native/sequence/ragged.cc';

/** Products, losses, lookups, dropout, optimizers and the rules of a run on the native backend. */
export const nativeOperations: Suite = {
  name: 'operations on native',
  native: true,
  tests: [
    'test/golden/golden.test.ts',
    'test/backend/native.test.ts',
    ...testsIn('test/native/ops'),
    ...testsIn('test/native/engine'),
    'test/native/sequence/linear-recurrence.test.ts',
  ],
  mutations: [
    {
      name: 'native matmul: the last column of a tile is not written',
      file: tile,
      find: 'sums[i][kVectors - 1].store(c + (kVectors - 1) * w, last);',
      replace: 'sums[i][kVectors - 1].store(c + (kVectors - 1) * w, last - 1);',
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
      find: 'kernels_.pack(tile.a, a.column, a.row,',
      replace: 'kernels_.pack(tile.a, a.row, a.column,',
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
      name: 'native cross-entropy: smoothing does not take from the target',
      file: crossEntropy,
      find: 'const double hit = (1 - terms_.smoothing) * terms_.weight(t) * (log_sum',
      replace: 'const double hit = terms_.weight(t) * (log_sum',
    },
    {
      name: 'native cross-entropy: the mean divides by the number of rows',
      file: crossEntropy,
      find: 'sum = weight == 0 ? 0 : sum / weight;',
      replace: 'sum = weight == 0 ? 0 : sum / static_cast<double>(rows);',
    },
    {
      name: 'native cross-entropy: ignored rows get a gradient',
      file: crossEntropy,
      find: 'if (terms_.ignored(i) || divisor == 0)',
      replace: 'if (divisor == 0)',
    },
    {
      name: 'native cross-entropy: the target is not taken off the gradient',
      file: crossEntropy,
      find: 'dx[t] -= static_cast<float>(hit);',
      replace: '',
    },
    {
      name: 'native cross-entropy: the gradient forgets what was smoothed away',
      file: crossEntropy,
      find: 'dx[c] -= static_cast<float>(spread * terms_.weight(c));',
      replace: 'dx[c] -= 0;',
    },
    {
      name: 'native cross-entropy: class weights are ignored in smoothing',
      file: crossEntropy,
      find: 'hit + spread * weight_sum',
      replace: 'hit + spread',
    },
    {
      name: 'native binary cross-entropy: the positive weight is ignored',
      file: binary,
      find: 'const Vec hit = load_or_one(lanes, p, i) * target',
      replace: 'const Vec hit = target',
    },
    {
      name: 'native binary cross-entropy: the element weights are ignored in the gradient',
      file: binary,
      find: '(load_or_one(lanes, w, i) * slope)',
      replace: 'slope',
    },
    {
      name: 'native binary cross-entropy: the gradient of negative scores is exchanged',
      file: binary,
      find: 'select_positive(score, large, small), no',
      replace: 'select_positive(score, large, large), no',
    },
    {
      name: "native binary cross-entropy: the mean's gradient is the sum's",
      file: binaryRun,
      find: 'factor /= static_cast<float>(terms_.count);',
      replace: 'factor /= 1.0f;',
    },
    {
      name: 'native ctc: a label may follow itself without a blank between',
      file: ctc,
      find: 'if (sequence_->label[i] != sequence_->label[i - 1]) gate_',
      replace: 'gate_',
    },
    {
      name: 'native ctc: frames do not lose what they were shifted by',
      file: ctc,
      find: 'shifts_[t] = shift += normalise(row);',
      replace: 'shifts_[t] = shift = normalise(row);',
    },
    {
      name: 'native ctc: the way back forgets its shift',
      file: ctc,
      find: 'shift += normalise(ahead_);',
      replace: 'normalise(ahead_);',
    },
    {
      name: 'native ctc: what cannot be read keeps what stood in its gradient',
      file: ctc,
      find: 'std::fill_n(d_logits.real() + terms_.row(rank, t) * terms_.classes, terms_.classes, 0.0f);',
      replace: ';',
    },
    {
      name: 'native ctc: states are not shifted, and underflow',
      file: ctc,
      find: 'kernels_.scale(1, -largest, row, row, sequence_->states()); return largest;',
      replace: 'return 0;',
    },
    {
      name: 'native smoothAbs: the line does not meet the parabola',
      file: smoothAbs,
      find: 'inside * size * size, size - shift',
      replace: 'inside * size * size, size',
    },
    {
      name: 'native smoothAbs: the slope at 0 is 1',
      file: smoothAbs,
      find: 'select_positive(-v, -one, v)',
      replace: 'select_positive(-v, -one, one)',
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
      name: 'native dropout: every step draws the same mask',
      file: dropout,
      find: 'blocks.word[1][k] = time;',
      replace: 'blocks.word[1][k] = 0;',
    },
    {
      name: 'native dropout: every sequence draws the same mask',
      file: dropout,
      find: 'blocks.word[2][k] = row;',
      replace: 'blocks.word[2][k] = 0;',
    },
    {
      name: 'native dropout: every training step draws the same mask',
      file: dropout,
      find: 'blocks.word[3][k] = key.training_step;',
      replace: 'blocks.word[3][k] = 0;',
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
      find: 'index < 0 ? length + index',
      replace: 'index < 0 ? ragged.steps() + index',
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
      file: 'native/kernels/map.inl.h',
      find: 'max(x, Vec::zero()) + log1p(exp(-abs(x)))',
      replace: 'log1p(exp(x))',
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
    {
      name: 'native run: a loss that is not finite is written',
      file: run,
      find: 'if (!std::isfinite(',
      replace: 'if (false && !std::isfinite(',
    },
    {
      name: 'native run: the commit point comes after the updates',
      file: run,
      find: 'if (index == commit) check_finite();',
      replace: '',
    },
    {
      name: 'native run: parameters that a step wrote do not become stale',
      file: run,
      find: 'for (const auto& [slot, id] : program_.steps[index].outputs) touch(id);',
      replace: '',
    },
    {
      name: 'native run: cancelling is noticed between operations only',
      file: barrier,
      find: 'if (worker.index() == 0 && run_.cancelled())',
      replace: 'if (worker.index() == 0 && false)',
    },
    { name: 'native run: offsets may grow', file: ragged, find: 'alive < 0 || alive > most', replace: 'alive < 0' },
    { name: 'native run: order may repeat', file: ragged, find: '|| seen[static_cast<size_t>(index)]', replace: '' },
    {
      name: 'native limits: a chain waits for the one before it',
      file: limitKernels,
      find: 'x[k] = fma(x[k], factor, addend);',
      replace: 'x[k] = fma(x[(k + kChains - 1) % kChains], factor, addend);',
    },
    {
      name: 'native limits: a multiply-add counts as four operations',
      file: limitKernels,
      find: '2 * kChains * Vec::width',
      replace: '4 * kChains * Vec::width',
    },
    {
      name: 'native limits: a cache holds the memory that is gone over',
      file: limits,
      find: 'size_t{512} << 20',
      replace: 'size_t{512} << 10',
    },
  ],
};
