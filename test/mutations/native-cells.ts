import type { Suite } from './mutation.ts';
import { testsIn } from './tests-in.ts';

const rnn = 'native/kernels/rnn_cell.inl.h';
const gru = 'native/kernels/gru_cell.inl.h';
const lstm = 'native/kernels/lstm_cell.inl.h';
const math = 'native/kernels/math.inl.h';
const slopes = 'native/kernels/math.inl.h';

/** The arithmetic of the recurrent cells of the native backend. */
export const nativeCells: Suite = {
  name: 'cells on native',
  native: true,
  tests: ['test/backend/native.test.ts', ...testsIn('test/native/sequence')],
  mutations: [
    { name: 'native rnn: tanh is forgotten', file: rnn, find: 'u.h = tanh(u.slot[0]);', replace: 'u.h = u.slot[0];' },
    {
      name: 'native rnn: relu is forgotten',
      file: rnn,
      find: 'u.h = max(u.slot[0], Vec::zero());',
      replace: 'u.h = u.slot[0];',
    },
    {
      name: 'native rnn: the gradient lacks the slope of tanh',
      file: rnn,
      find: 'd.slot[0] = d.dh * tanh_slope(u.h);',
      replace: 'd.slot[0] = d.dh;',
    },
    {
      name: 'native rnn: the gradient passes where relu is flat',
      file: rnn,
      find: 'select_positive(u.h, d.dh, Vec::zero())',
      replace: 'd.dh',
    },
    {
      name: 'native gru: the reset gate is always open',
      file: gru,
      find: 'n = tanh(fma(r, m, n));',
      replace: 'n = tanh(m + n);',
    },
    {
      name: 'native gru: the reset gate is not squashed',
      file: gru,
      find: 'r = sigmoid(r), z = sigmoid(z), n =',
      replace: 'z = sigmoid(z), n =',
    },
    {
      name: 'native gru: keeping is writing',
      file: gru,
      find: '? fma(z, u.h_prev - n, n)',
      replace: '? fma(z, n - u.h_prev, u.h_prev)',
    },
    {
      name: 'native gru: writing is keeping',
      file: gru,
      find: ': fma(z, n - u.h_prev, u.h_prev)',
      replace: ': fma(z, u.h_prev - n, n)',
    },
    {
      name: 'native gru: the gradient of the update gate forgets the candidate',
      file: gru,
      find: 'd.dh * (u.h_prev - n) :',
      replace: 'd.dh * u.h_prev :',
    },
    {
      name: 'native gru: the gradient of the candidate ignores how the gate is read',
      file: gru,
      find: 'const Vec dn = update == UpdateGate::kKeep ? closed : open;',
      replace: 'const Vec dn = closed;',
    },
    {
      name: 'native gru: what is kept gets no gradient',
      file: gru,
      find: 'd.dh = update == UpdateGate::kKeep ? open : closed;',
      replace: 'd.dh = Vec::zero();',
    },
    {
      name: 'native gru: the gradient of the candidate lacks its slope',
      file: gru,
      find: 'da_n = dn * tanh_slope(n);',
      replace: 'da_n = dn;',
    },
    {
      name: 'native gru: the gradient of the update gate lacks its slope',
      file: gru,
      find: 'da_z = dz * sigmoid_slope(z);',
      replace: 'da_z = dz;',
    },
    {
      name: 'native gru: the gradient of the reset gate lacks the product it gates',
      file: gru,
      find: 'da_r = da_n * m * sigmoid_slope(r);',
      replace: 'da_r = da_n * sigmoid_slope(r);',
    },
    {
      name: 'native gru: the gradient past the reset gate ignores it',
      file: gru,
      find: 'dm = da_n * r;',
      replace: 'dm = da_n;',
    },
    {
      name: 'native gru, reset before: the reset gate is always open',
      file: gru,
      find: 'r = sigmoid(r), z = sigmoid(z);',
      replace: 'r = Vec::set(1), z = sigmoid(z);',
    },
    {
      name: 'native gru, reset before: the gradient of the reset gate lacks the state',
      file: gru,
      find: 'da_r = q * u.h_prev * sigmoid_slope(r);',
      replace: 'da_r = q * sigmoid_slope(r);',
    },
    {
      name: 'native gru, reset before: the gradient of the state ignores the gate',
      file: gru,
      find: 'd.dh = fma(q, r, d.dh);',
      replace: 'd.dh = q + d.dh;',
    },
    {
      name: 'native lstm: the input gate is always open',
      file: lstm,
      find: 'i = sigmoid(i), f',
      replace: 'i = Vec::set(1), f',
    },
    {
      name: 'native lstm: the forget gate is always open',
      file: lstm,
      find: 'f = sigmoid(f), g',
      replace: 'f = Vec::set(1), g',
    },
    {
      name: 'native lstm: the candidate is squashed by a sigmoid',
      file: lstm,
      find: 'g = tanh(g), o',
      replace: 'g = sigmoid(g), o',
    },
    {
      name: 'native lstm: the output gate is always open',
      file: lstm,
      find: 'o = sigmoid(o);',
      replace: 'o = Vec::set(1);',
    },
    {
      name: 'native lstm: nothing is forgotten',
      file: lstm,
      find: 'u.c = fma(f, u.c_prev, i * g);',
      replace: 'u.c = u.c_prev + i * g;',
    },
    {
      name: 'native lstm: backward squashes another cell state than forward',
      file: lstm,
      find: 'tanh(fma(f, u.c_prev, i * g))',
      replace: 'tanh(fma(f, u.c_prev, g))',
    },
    {
      name: 'native lstm: the cell state is not squashed on its way out',
      file: lstm,
      find: 'u.h = o * tanh(u.c);',
      replace: 'u.h = o * u.c;',
    },
    {
      name: "native lstm: the cell state's gradient is not carried",
      file: lstm,
      find: 'fma(d.dh * o, tanh_slope(t), d.dc)',
      replace: 'd.dh * o * tanh_slope(t)',
    },
    {
      name: 'native lstm: the gradient through tanh(c) ignores the output gate',
      file: lstm,
      find: 'fma(d.dh * o, tanh_slope(t), d.dc)',
      replace: 'fma(d.dh, tanh_slope(t), d.dc)',
    },
    {
      name: 'native lstm: the gradient of the input gate lacks its slope',
      file: lstm,
      find: 'da_i = dc * g * sigmoid_slope(i);',
      replace: 'da_i = dc * g;',
    },
    {
      name: 'native lstm: the gradient of the forget gate reads the new cell state',
      file: lstm,
      find: 'da_f = dc * u.c_prev *',
      replace: 'da_f = dc * u.c *',
    },
    {
      name: "native lstm: the gradient of the candidate takes a sigmoid's slope",
      file: lstm,
      find: 'da_g = dc * i * tanh_slope(g);',
      replace: 'da_g = dc * i * sigmoid_slope(g);',
    },
    {
      name: 'native lstm: the gradient of the output gate reads the cell state unsquashed',
      file: lstm,
      find: 'da_o = d.dh * t *',
      replace: 'da_o = d.dh * u.c *',
    },
    {
      name: "native lstm: the cell state's gradient ignores the forget gate",
      file: lstm,
      find: 'd.dc = dc * f;',
      replace: 'd.dc = dc;',
    },
    {
      name: 'native cells: the slope of tanh has no square',
      file: slopes,
      find: 'fma(-a, a, Vec::set(1))',
      replace: 'Vec::set(1) - a',
    },
    {
      name: 'native math: one coefficient of the exponential is off by a thousandth',
      file: math,
      find: 'Vec::set(0.1666654348373413f)',
      replace: 'Vec::set(0.1668654348373413f)',
    },
    {
      name: 'native math: tanh saturates early',
      file: math,
      find: 'min(max(x, Vec::set(-10)), Vec::set(10))',
      replace: 'min(max(x, Vec::set(-2)), Vec::set(2))',
    },
  ],
};
