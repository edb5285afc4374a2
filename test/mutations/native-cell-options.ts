import type { Suite } from './mutation.ts';
import { testsIn } from './tests-in.ts';

const options = 'native/kernels/cell_options.inl.h';
const activation = 'native/kernels/activation.inl.h';
const zoned = 'native/kernels/zoned_cell.inl.h';
const gru = 'native/kernels/gru_options_cell.inl.h';
const lstm = 'native/kernels/lstm_options_cell.inl.h';
const spec = 'native/sequence/cell_options.cc';

/** What cells have beside their plain equations, on the native backend. */
export const nativeCellOptions: Suite = {
  name: 'options of cells on native',
  native: true,
  tests: ['test/backend/native.test.ts', ...testsIn('test/native/sequence'), 'test/native/ops/activation.test.ts'],
  mutations: [
    {
      name: 'native options: the clip lets gradients through',
      file: options,
      find: 'return select_positive(abs(x) - Vec::set(bound), Vec::zero(), d);',
      replace: 'return d;',
    },
    {
      name: 'native options: gates are not clipped',
      file: options,
      find: 'return {sum, activate(o.gates[gate], clip(sum, o.clip))};',
      replace: 'return {sum, activate(o.gates[gate], sum)};',
    },
    {
      name: 'native options: zoneout keeps the new state',
      file: zoned,
      find: 'return fma(share, old, (Vec::set(1) - share) * fresh);',
      replace: 'return fma(share, fresh, (Vec::set(1) - share) * old);',
    },
    {
      name: 'native activation: thresholds are at 0',
      file: activation,
      find: 'return select_positive(alpha - x, zero, x);',
      replace: 'return max(x, zero);',
    },
    {
      name: 'native activation: the slope of elu forgets alpha',
      file: activation,
      find: 'select_positive(-x, y + alpha, one)',
      replace: 'select_positive(-x, y + one, one)',
    },
    {
      name: 'native options: what is kept of the old h is not carried back',
      file: zoned,
      find: 'd.dh = Cell::carries_h ? kept_h + d.dh : kept_h;',
      replace: 'if constexpr (!Cell::carries_h) d.dh = Vec::zero();',
    },
    {
      name: 'native options: what is kept of the old h reaches the new one too',
      file: zoned,
      find: 'd.dh = d.dh - kept_h;',
      replace: '',
    },
    {
      name: 'native options: what is kept of the old c is not carried back',
      file: zoned,
      find: 'd.dc = kept_c + d.dc;',
      replace: '',
    },
    {
      name: 'native options: a zoned rnn takes the slope at its mixed state',
      file: zoned,
      find: 'if constexpr (!Cell::saves_slots) u.h = u.slot[0];',
      replace: 'if constexpr (!Cell::saves_slots) u.h = u.h_prev;',
    },
    {
      name: 'native options: zoneout makes tanh of relu',
      file: spec,
      find: 'family = plain_family(step, cell, o.gates[0].kind == ActivationKind::kRelu);',
      replace: 'family = plain_family(step, cell, false);',
    },
    {
      name: 'native options: zoneout forgets the clip',
      file: spec,
      find: 'if (o.clip != CellOptions::kNone || o.cell_clip',
      replace: 'if (o.cell_clip',
    },
    {
      name: 'native options: zoneout forgets the activation of the new c',
      file: spec,
      find: ' && o.cell_state.kind == kTanh',
      replace: '',
    },
    {
      name: 'native options: gru forgets how its update gate works',
      file: gru,
      find: 'const Vec dz = o.write ?',
      replace: 'const Vec dz = !o.write ?',
    },
    {
      name: 'native options: r of the reset before is not clipped in backward',
      file: gru,
      find: 'd.slot[1] = through_gate(*u.options, GruGate::r, r, q * u.h_prev);',
      replace: 'd.slot[1] = q * u.h_prev * slope(u.options->gates[GruGate::r], r.sum, r.value);',
    },
    {
      name: 'native options: o sees the cell state before its clip',
      file: lstm,
      find: 's.o = gate(kO, 2, s.c);',
      replace: 's.o = gate(kO, 2, s.c_sum);',
    },
    {
      name: 'native options: peepholes give nothing back to the cell state',
      file: lstm,
      find: 'd.dc = fma(da_i, u.peephole[0], fma(da_f, u.peephole[1], d.dc));',
      replace: '',
    },
    {
      name: 'native options: the peephole of f learns from the new cell state',
      file: lstm,
      find: 'd.beside[1] = da_f * u.c_prev;',
      replace: 'd.beside[1] = da_f * s.c;',
    },
    {
      name: 'native options: a coupled gate has no gradient',
      file: lstm,
      find: '(o.forget_coupled ? di : df) = o.forget_coupled ? di - df : df - di;',
      replace: '',
    },
    {
      name: 'native options: a peephole may be named twice',
      file: spec,
      find: 'std::find(places.begin(), places.end(), place) != places.end()',
      replace: 'false',
    },
  ],
};
