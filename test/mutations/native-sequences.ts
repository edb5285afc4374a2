import type { Suite } from './mutation.ts';
import { testsIn } from './tests-in.ts';

const forward = 'native/sequence/forward.inl.h';
const forwardRun = 'native/sequence/forward.cc';
const backward = 'native/sequence/backward.inl.h';
const backwardRun = 'native/sequence/backward.cc';
const backwardSteps = 'native/sequence/backward.h';
const chunkGradients = 'native/sequence/chunk_gradients.cc';
const scan = 'native/sequence/scan.cc';
const arena = 'native/engine/arena.cc';
const gradients = 'native/sequence/gradients.inl.h';
const states = 'native/sequence/states.cc';
const ragged = 'native/sequence/ragged.cc';
const raggedOrder = 'native/sequence/ragged.h';
const weights = 'native/sequence/packed_weights.h';
const distinct = 'native/sequence/distinct.cc';
const forwardSteps = 'native/sequence/forward.h';
const segments = 'native/sequence/segments.cc';

/** What runs the cells of the native backend over time, and their gradients. */
export const nativeSequences: Suite = {
  name: 'sequences on native',
  native: true,
  tests: ['test/backend/native.test.ts', ...testsIn('test/native/sequence')],
  mutations: [
    {
      name: 'native forward: the last unit of every row is not written',
      file: forward,
      find: 'store_below(u.h, s.y + row * s.units + unit, s.units - unit);',
      replace: 'store_below(u.h, s.y + row * s.units + unit, s.units - unit - 1);',
    },
    {
      name: 'native forward: gates stand side by side though a slot lies between those of two blocks',
      file: forward,
      find: 'bool by_gate = columns.blocks > 1 && columns.gates < columns.slots;',
      replace: 'bool by_gate = false;',
    },
    {
      name: 'native rows of a table: those of no features are not named',
      file: backwardRun,
      find: 'if (wanted_.at) s.distinct->list(0, run.view(wanted_.at));',
      replace: 'if (s.d_rows) s.distinct->list(0, run.view(wanted_.at));',
    },
    {
      name: 'native forward: the state enters its product unmasked',
      file: forward,
      find: '(u.h * mask).store(s.h_next',
      replace: '(u.h + Vec::zero() * mask).store(s.h_next',
    },
    {
      name: 'native scan: initial states are read in the order of the ranks',
      file: scan,
      find: 'source + s.ragged.caller(rank) * to.bytes',
      replace: 'source + rank * to.bytes',
    },
    {
      name: 'native scan: a last state is the one before it',
      file: scan,
      find: 's.states[turns % 2][i].data',
      replace: 's.states[(turns + 1) % 2][i].data',
    },
    {
      name: 'native scan: every step reads and writes the rows of the first',
      file: scan,
      find: 's.outer[id].data + s.ragged.first(time) * s.outer[id].bytes',
      replace: 's.outer[id].data',
    },
    {
      name: 'native scan: the body need not have the width of what enters it',
      file: scan,
      find: 'fits = extent == dimension.extent;',
      replace: 'fits = true;',
    },
    {
      name: 'native scan: what lives at once shares memory',
      file: arena,
      find: 'if (!overlap(lives[id], lives[other])) continue;',
      replace: 'continue;',
    },
    {
      name: 'native forward: the first mask of x serves all gates',
      file: forward,
      find: 'm.masked + copy * m.copy +',
      replace: 'm.masked + 0 * m.copy +',
    },
    {
      name: 'native forward: the first mask of h serves all gates',
      file: forward,
      find: 's.masks > 1 ? s.h_copy : 0',
      replace: '0',
    },
    {
      name: 'native forward: cell states are not saved for backward',
      file: forward,
      find: 'if (s.cells) u.c.store(',
      replace: 'if (s.cells && false) u.c.store(',
    },
    { name: 'native forward: the bias is ignored', file: forwardRun, find: 'add(cell.input, bias);', replace: '' },
    {
      name: 'native forward: the recurrent bias is ignored',
      file: forwardRun,
      find: 'add(cell.recurrent, recurrent_bias);',
      replace: '',
    },
    {
      name: "native forward: the candidate's recurrent bias is ignored, reset before",
      file: forwardRun,
      find: 'add(cell.candidate, recurrent_bias);',
      replace: '',
    },
    {
      name: 'native forward: sequences that begin later do not begin from their initial states',
      file: forwardRun,
      find: 'if (s.ragged.steps() > 1) std::copy_n(s.h[0], (1 + e.masks_h) * s.state_copy, s.h[1]);',
      replace: '',
    },
    {
      name: 'native forward: initial states enter their product unmasked',
      file: forwardRun,
      find: 'masked[j] = h[j] * mask[j]',
      replace: 'masked[j] = h[j] + 0 * mask[j]',
    },
    {
      name: 'native forward: the last states stay in the order of the ranks',
      file: forwardRun,
      find: 'h_n + s.ragged.caller(rank) * units',
      replace: 'h_n + rank * units',
    },
    {
      name: 'native forward: a chunk of steps backward in time begins at the wrong row',
      file: forwardRun,
      find: 'chunk.first = std::min(chunk.first, ragged.first(time));',
      replace: 'chunk.first = std::min(chunk.first, ragged.first(ragged.time(begin)));',
    },
    {
      name: 'native ragged: every direction is forward',
      file: raggedOrder,
      find: 'backward_ ? steps_ - 1 - p : p',
      replace: 'p',
    },
    {
      name: 'native ragged: backward in time, the last state is the first one',
      file: ragged,
      find: 'first(backward_ ? 0 : low - 1)',
      replace: 'first(low - 1)',
    },
    {
      name: 'native states: the last cell states stay in the order of the ranks',
      file: states,
      find: 'values + ragged.caller(rank) * units); }',
      replace: 'values + rank * units); }',
    },
    {
      name: 'native states: initial states are read in the order of the ranks',
      file: states,
      find: 'std::copy_n(values + ragged.caller(rank) * units, units, to);',
      replace: 'std::copy_n(values + rank * units, units, to);',
    },
    {
      name: 'native states: masks are read in the order of the ranks',
      file: states,
      find: '(ragged.caller(rank) * masks + m)',
      replace: '(rank * masks + m)',
    },
    {
      name: 'native weights: packed copies outlive the parameters they were made from',
      file: weights,
      find: 'found_ != 0 && found_ == version_',
      replace: 'version_ != 0',
    },
    {
      name: "native backward: an output's gradient replaces the carried one",
      file: backward,
      find: 'if (s.dy) d.dh = d.dh + load_below',
      replace: 'if (s.dy) d.dh = load_below',
    },
    {
      name: 'native backward: the gradient of a last state is lost',
      file: backward,
      find: 'if (Cell::carries_h || !product) d.dh',
      replace: 'if (Cell::carries_h && product) d.dh',
    },
    {
      name: 'native backward: the first step of a sequence is taken one rank late',
      file: backward,
      find: 'row >= s.earlier_rows',
      replace: 'row > s.earlier_rows',
    },
    {
      name: 'native backward: the gradient of an initial state lacks what came through the product',
      file: backward,
      find: '(carried + Vec::load(here)).store(dh);',
      replace: 'carried.store(dh);',
    },
    {
      name: 'native backward: the gradient of an initial state lacks what was kept',
      file: backward,
      find: 'Cell::carries_h ? Vec::load(dh) : Vec::zero()',
      replace: 'Vec::zero()',
    },
    {
      name: 'native backward: the gradient of the state forgets its mask',
      file: backward,
      find: 'if (!p.mask.mask) return;',
      replace: 'return;',
    },
    {
      name: 'native backward: the first mask serves the gradients of all gates',
      file: backward,
      find: 'p.span.gates[gate] * p.mask.copy',
      replace: '0 * p.mask.copy',
    },
    {
      name: 'native backward: reset before, the weight gradient reads the state unmasked',
      file: backward,
      find: 'const Vec h = mask.mask ? u.h_prev * Vec::load(mask.row(row) + unit) : u.h_prev;',
      replace: 'const Vec h = u.h_prev;',
    },
    {
      name: 'native backward: reset before, the gradient of the reset gate is not stored',
      file: backward,
      find: 'store_dgates(s, dgates + kBlock, d.slot[1]);',
      replace: '',
    },
    {
      name: 'native backward: every chunk of steps starts the weight gradients anew',
      file: chunkGradients,
      find: 'const bool first = index == 0,',
      replace: 'const bool first = true,',
    },
    {
      name: 'native backward: a chunk overwrites the one it still needs',
      file: backwardSteps,
      find: 'static_cast<int64_t>(chunk % 2)',
      replace: 'static_cast<int64_t>(chunk * 0)',
    },
    {
      name: 'native backward: the gradients of last states are ignored',
      file: backwardRun,
      find: 'gather_states(ragged, values(dh_n_),',
      replace: 'gather_states(ragged, nullptr,',
    },
    {
      name: 'native backward: the gradients of last cell states are ignored',
      file: backwardRun,
      find: 'gather_states(ragged, values(dc_n_),',
      replace: 'gather_states(ragged, nullptr,',
    },
    {
      name: 'native backward: initial cell states are ignored',
      file: backwardRun,
      find: 'gather_states(ragged, values(in_.c),',
      replace: 'gather_states(ragged, nullptr,',
    },
    {
      name: "native backward: the candidate's recurrent bias gets no gradient, reset before",
      file: chunkGradients,
      find: 'sum_columns(layout.candidate, s.d_recurrent_bias);',
      replace: ';',
    },
    {
      name: 'native backward: nothing clears the gradients of a batch of nothing',
      file: backwardRun,
      find: 'clear(s);',
      replace: '',
    },
    {
      name: 'native gradients: the last column of dx is not written',
      file: gradients,
      find: 'dx + j, g.inputs - column - j);',
      replace: 'dx + j, g.inputs - column - j - 1);',
    },
    {
      name: 'native gradients: rows of dx stay in the order of backpropagation',
      file: gradients,
      find: 'g.tokens ? g.tokens[row] : row',
      replace: 'row',
    },
    {
      name: 'native gradients: the weight gradient forgets initial states',
      file: gradients,
      find: 'p.initial + p.ranks[r] * p.state_stride',
      replace: 'p.initial',
    },
    {
      name: 'native gradients: the weight gradient reads unmasked operands',
      file: gradients,
      find: 'to[r * kOperandRow + j] *= mask[j]',
      replace: 'to[r * kOperandRow + j] += 0 * mask[j]',
    },
    {
      name: 'native gradients: the first mask serves the weight gradients of all gates',
      file: gradients,
      find: '* p.masks + i / tiles) *',
      replace: '* p.masks + 0) *',
    },
    {
      name: 'native gradients: the second half of very many rows starts the sum anew',
      file: gradients,
      find: 'const bool first = g.first && p == 0,',
      replace: 'const bool first = g.first,',
    },
    {
      name: 'native rows of a table: an id keeps the number of an earlier run',
      file: distinct,
      find: 'entry.round != round_',
      replace: 'entry.round == 0',
    },
    {
      name: 'native rows of a table: all rows of a tile begin with the first',
      file: forward,
      find: 's.start_rows[rows.begin + r] * s.start_stride',
      replace: 's.start_rows[rows.begin] * s.start_stride',
    },
    {
      name: 'native rows of a table: tokens are taken in the order of backpropagation',
      file: gradients,
      find: 's.numbers[s.tokens[r]] * columns',
      replace: 's.numbers[r] * columns',
    },
    {
      name: 'native rows of a table: sums begin with what was there',
      file: backwardRun,
      find: 'std::fill_n(s.sums + mine.begin, mine.end - mine.begin, 0.0f);',
      replace: '',
    },
    {
      name: 'native rows of a table: rows that do not occur are named from an earlier run',
      file: distinct,
      find: 'std::fill(end, at.integers() + at.count, -1);',
      replace: '',
    },
    {
      name: 'native rows of a table: gradients of a later chunk of rows replace those of the first',
      file: chunkGradients,
      find: 's.d_rows + first * e.inputs',
      replace: 's.d_rows',
    },
    {
      name: 'native gradients: the bias gradient forgets earlier chunks',
      file: gradients,
      find: '(g.accumulate ? load_below(gradient, lanes) : Vec::zero())',
      replace: 'Vec::zero()',
    },
    {
      name: 'native gradients: the bias gradient leaves a gate out',
      file: gradients,
      find: 'if (gates < kGates) return sum_columns<kGates - 1>(gates, from, row, rows, sums);',
      replace: 'if (gates <= kGates) return sum_columns<kGates - 1>(gates, from, row, rows, sums);',
    },
    {
      name: 'native gradients: operands are cut for tiles of another span',
      file: chunkGradients,
      find: 's.kernels.pack_operand({s.quantization, layout.input, e.units, s.x,',
      replace: 's.kernels.pack_operand({s.quantization, GateSpan{0, 1, {0}}, e.units, s.x,',
    },
    {
      name: 'native forward: the candidates of a tile are all those of its first block',
      file: forward,
      find: 'rows.size(), {blocks.size(), 1, cell.slots},',
      replace: 'rows.size(), {1, 1, cell.slots},',
    },
    {
      name: 'native recomputation: every segment begins with the initial states',
      file: forwardRun,
      find: 'begun = begin > 0 ? s.ragged.active(before) : 0;',
      replace: 'begun = 0;',
    },
    {
      name: 'native recomputation: a segment begins with the cell states after it',
      file: forwardRun,
      find: '(begin / s.segment - 1) * batch',
      replace: '(begin / s.segment) * batch',
    },
    {
      name: 'native recomputation: states enter their product unmasked',
      file: forwardRun,
      find: 'units, s.h[0] + at); mask_state(s, rank);',
      replace: 'units, s.h[0] + at);',
    },
    {
      name: 'native recomputation: sequences that begin in a segment do not begin from their initial states',
      file: forwardRun,
      find: 'for (int64_t copy = 0; copy < 1 + s.extents.masks_h; ++copy)',
      replace: 'for (int64_t copy = 0; copy < 0; ++copy)',
    },
    {
      name: 'native recomputation: forward keeps the cell states a step too late',
      file: forwardSteps,
      find: 'checkpoints && (p + 1) % segment == 0',
      replace: 'checkpoints && p % segment == 0',
    },
    {
      name: 'native recomputation: the first step of a segment finds no cell states before it',
      file: backwardRun,
      find: 's.ends_segment(p - 1) ?',
      replace: 'false ?',
    },
    {
      name: 'native recomputation: a last segment that is short is not computed',
      file: backwardSteps,
      find: 'p + 1 == ragged.steps() ||',
      replace: '',
    },
    {
      name: 'native recomputation: weights are not packed for it',
      file: backwardRun,
      find: 'if (s.again) RecurrentForward::pack(*s.again, worker);',
      replace: '',
    },
    {
      name: 'native recomputation: segments of a given length are all of a length of their own',
      file: segments,
      find: 'return length_ > 0 ? std::min(length_, steps) : root(steps);',
      replace: 'return root(steps);',
    },
  ],
};
