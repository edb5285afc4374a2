import type { Suite } from './mutation.ts';
import { nativeOperationTests } from './tests-in.ts';

const binary = 'native/kernels/binary_cross_entropy.inl.h';
const smoothAbs = 'native/kernels/smooth_abs.inl.h';
const ctc = 'native/ops/ctc.cc';
const crossEntropy = 'native/ops/softmax_cross_entropy.cc';
const binaryRun = 'native/ops/binary_cross_entropy.cc';

/** Losses of the native backend. */
export const nativeLosses: Suite = {
  name: 'losses on native',
  native: true,
  tests: nativeOperationTests,
  mutations: [
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
  ],
};
