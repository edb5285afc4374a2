// rnnGradient, gruGradient, lstmGradient: backpropagation through time. Werbos 1990.
//
// Steps go by in chunks, last step first. Within a chunk the gradients of the sums ("dgates") of one step
// after the other are computed from those of the step before it, then the gradients of x and of the weights
// for all rows of the chunk at once, while their dgates are still in cache. The dgates live in scratch
// memory: what forward saved stays as it is. Where it saved checkpoints only, the steps of a segment are
// taken forward once more as soon as backpropagation comes to the last of them.
#include "sequence/backward.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "sequence/packed_weights.h"
#include "sequence/recurrence.h"
#include "sequence/states.h"
#include "sequence/step_barrier.h"
#include "sequence/wanted_gradients.h"
#include "sequence/workspace.h"

namespace recurra {
namespace {

std::string cell_of(const std::string& op) { return op.substr(0, op.rfind("Gradient")); }

class RecurrentGradient : public Operation {
 public:
  explicit RecurrentGradient(const StepSpec& step)
      : in_(step, cell_of(step.op())),
        wanted_(step),
        y_(step.input("y")),
        gates_(in_.segments ? step.optional_output("gates") : step.optional("gates")),
        cells_(in_.segments ? step.optional_output("cells") : step.optional("cells")),
        checkpoints_(step.optional("checkpoints")),
        dy_(step.optional("dy")),
        dh_n_(step.optional("dhN")),
        dc_n_(step.optional("dcN")) {
    if (in_.saves_gates() != static_cast<bool>(gates_) || in_.has_c() != static_cast<bool>(cells_) ||
        static_cast<bool>(checkpoints_) != (in_.has_c() && in_.segments) ||
        (!in_.has_c() && (dc_n_ || wanted_.c)))
      throw Error("ERR_ARGUMENT", step.op() + ": the inputs are not those of the cell");
    if (in_.quantization == Quantization::kInt8)
      throw Error("ERR_ARGUMENT", step.op() + ": int8 is for inference");
    const auto given = [&](Buffer gradient, Buffer input, const char* name) {
      if (gradient && !input)
        throw Error("ERR_ARGUMENT", step.op() + ": a gradient of " + name + ", which is not there");
    };
    given(wanted_.x, in_.x, "x");
    given(wanted_.table, in_.table, "table");
    given(wanted_.bias, in_.bias, "bias");
    given(wanted_.recurrent_bias, in_.recurrent_bias, "recurrentBias");
    given(wanted_.peepholes, in_.peepholes, "peepholes");
  }

  void run(Run& run) override;

 private:
  using Sequence = BackwardSequence;
  Sequence check(Run& run) const;
  void place(Sequence& s, int threads, Workspace& workspace) const;
  void gather(const Run& run, Sequence& s) const;
  void clear(const Sequence& s) const;
  void finish(const Run& run, const Sequence& s) const;

  static bool run_steps(const Sequence& s, size_t chunk, const Worker& worker, StepBarrier& barrier,
                        int64_t& passed);
  static void run_initial(const Sequence& s, const Worker& worker);

  const Recurrence in_;
  const WantedGradients wanted_;
  const Buffer y_, gates_, cells_, checkpoints_, dy_, dh_n_, dc_n_;
  PackedWeights input_weights_, recurrent_weights_, candidate_weights_;
  Distinct distinct_;
  RecurrentForward forward_{in_};
};

RecurrentGradient::Sequence RecurrentGradient::check(Run& run) const {
  const Ragged ragged = in_.check_order(run);
  const Extents e = in_.check_inputs(run, ragged);
  const auto real = [&](Buffer buffer, std::initializer_list<int64_t> shape, const char* name) {
    return in_.real(run, buffer, shape, name);
  };
  const int64_t batch = ragged.batch(), columns = e.gates * e.units;
  Sequence s = {ragged, e, in_.kernels(run), *run.kernels().recurrent, in_.quantization};
  s.gates_stride = saved_columns(s.cell.layout, e.units);
  s.state_stride = padded(e.units) + kBlock;
  if (in_.reads_table()) {
    s.distinct = &distinct_;
    s.table = run.view(in_.table).real();
    s.d_rows = real(wanted_.table, {e.tokens, e.inputs}, "the gradient of table");
    if (wanted_.at) in_.expect(run.view(wanted_.at), {e.tokens}, "at");
  } else {
    s.x = run.view(in_.x).real();
  }
  s.y = real(y_, {e.tokens, e.units}, "y");
  s.dy = real(dy_, {e.tokens, e.units}, "dy");
  if (in_.segments) {
    RecurrentForward::Sequence& again = s.again.emplace(forward_.sequence(run, ragged, e));
    again.again = true;
    again.distinct = s.distinct;
    s.gates = again.gates = real(gates_, {again.segment, batch, s.gates_stride}, "gates");
    s.cells = again.cells = real(cells_, {again.segment, batch, padded(e.units)}, "cells");
    s.checkpoints =
        real(checkpoints_, {in_.segments.most(ragged.steps()), batch, padded(e.units)}, "checkpoints");
  } else {
    s.gates = real(gates_, {e.tokens, s.gates_stride}, "gates");
    s.cells = real(cells_, {e.tokens, padded(e.units)}, "cells");
  }
  real(dh_n_, {batch, e.units}, "dhN");
  real(dc_n_, {batch, e.units}, "dcN");
  s.dx = real(wanted_.x, {e.tokens, e.inputs}, "the gradient of x");
  s.d_input_weight = real(wanted_.input_weight, {e.inputs, columns}, "the gradient of inputWeight");
  s.d_recurrent_weight =
      real(wanted_.recurrent_weight, {e.units, columns}, "the gradient of recurrentWeight");
  s.d_bias = real(wanted_.bias, {columns}, "the gradient of bias");
  s.d_recurrent_bias = real(wanted_.recurrent_bias, {columns}, "the gradient of recurrentBias");
  float* d_peepholes = real(wanted_.peepholes, {in_.peephole_count(), e.units}, "the gradient of peepholes");
  for (int64_t row = 0; d_peepholes && row < in_.peephole_count(); ++row)
    s.d_peepholes[in_.peephole_place(row)] = d_peepholes + row * e.units;
  real(wanted_.h, {batch, e.units}, "the gradient of h");
  real(wanted_.c, {batch, e.units}, "the gradient of c");
  s.initial_gradient = static_cast<bool>(wanted_.h);
  const bool rounded = s.quantization != Quantization::kNone;
  s.chunks = cut_backward_chunks(ragged, rounded ? kRoundedChunkRows : s.kernels.chunk_rows);
  for (const BackwardChunk& chunk : s.chunks) s.chunk_rows = std::max(s.chunk_rows, chunk.rows);
  return s;
}

void RecurrentGradient::place(Sequence& s, int threads, Workspace& workspace) const {
  const Extents& e = s.extents;
  const int64_t batch = s.ragged.batch();
  s.tokens = workspace.take<int32_t>(e.tokens);
  s.earlier = workspace.take<int32_t>(e.tokens);
  s.ranks = workspace.take<int32_t>(e.tokens);
  s.mask_x = workspace.take<float>(batch * e.masks_x * padded(e.inputs));
  s.mask_h = workspace.take<float>(batch * e.masks_h * padded(e.units));
  s.peepholes = workspace.take<float>(in_.peephole_count() * padded(e.units));
  for (float** state : {&s.h, &s.dh}) *state = workspace.take<float>(batch * s.state_stride);
  if (in_.has_c())
    for (float** state : {&s.c, &s.dc}) *state = workspace.take<float>(batch * s.state_stride);
  if (s.cell.reset) s.reset_h = workspace.take<float>(s.chunk_rows * s.state_stride);
  // The line more keeps blocks out of each other's cache sets.
  s.dgates_block = (s.chunks.size() > 1 ? 2 : 1) * s.chunk_rows * s.dgates_row() + kBlock;
  s.dgates = workspace.take<float>(blocks_of(e.units) * s.dgates_block);
  const bool rounded = s.quantization != Quantization::kNone;
  const int64_t summed = row_words(s.quantization, s.chunk_rows);
  if (rounded) {
    s.words = workspace.take<Word>(blocks_of(e.units) * s.dgates_block / 2);
    s.pairs_block = summed * s.dgates_row() + kBlock;
    s.pairs = workspace.take<Word>(blocks_of(e.units) * s.pairs_block);
  }
  const CellLayout& layout = s.cell.layout;
  const auto operand = [&](const GateSpan& span, int64_t width, int64_t masks) {
    return workspace.take<Word>(s.kernels.operand_size(span, width, e.units, masks > 1, summed) *
                                std::max<int64_t>(masks, 1));
  };
  if (s.d_input_weight) s.x_operand = operand(layout.input, e.inputs, e.masks_x);
  if (s.d_rows || (s.distinct && s.d_input_weight)) {
    s.sums_block = s.distinct->count() * s.dgates_row() + kBlock;
    s.sums = workspace.take<float>(blocks_of(e.units) * s.sums_block);
  }
  if (s.d_recurrent_weight) s.h_operand = operand(layout.recurrent, e.units, e.masks_h);
  if (s.d_recurrent_weight && s.cell.reset && rounded)
    s.reset_operand = operand(layout.candidate, e.units, 1);
  const auto partial = [&](const GateSpan& span, int64_t width, int64_t masks) {
    return workspace.take<float>(s.kernels.partial_size(span, width, e.units, masks > 1));
  };
  if (s.d_input_weight) s.input_partial = partial(layout.input, e.inputs, e.masks_x);
  if (s.d_recurrent_weight) s.recurrent_partial = partial(layout.recurrent, e.units, e.masks_h);
  if (s.d_recurrent_weight && s.cell.reset) s.candidate_partial = partial(layout.candidate, e.units, 1);
  if (s.again) forward_.place(*s.again, threads, workspace);
}

void RecurrentGradient::gather(const Run& run, Sequence& s) const {
  const auto values = [&](Buffer buffer) { return buffer ? run.view(buffer).real() : nullptr; };
  const Extents& e = s.extents;
  const Ragged& ragged = s.ragged;
  int64_t i = 0;
  for (int64_t p = ragged.steps() - 1; p >= 0; --p) {
    const int64_t time = ragged.time(p), first = ragged.first(time), active = ragged.active(time);
    const int64_t earlier_first = p > 0 ? ragged.first(ragged.time(p - 1)) : 0;
    const int64_t earlier_active = p > 0 ? ragged.active(ragged.time(p - 1)) : 0;
    for (int64_t rank = 0; rank < active; ++rank, ++i) {
      s.tokens[i] = static_cast<int32_t>(first + rank);
      s.earlier[i] = rank < earlier_active ? static_cast<int32_t>(earlier_first + rank) : -1;
      s.ranks[i] = static_cast<int32_t>(rank);
    }
  }
  if (e.masks_x > 0) gather_masks(ragged, values(in_.mask_x), e.masks_x, e.inputs, s.mask_x);
  if (e.masks_h > 0) gather_masks(ragged, values(in_.mask_h), e.masks_h, e.units, s.mask_h);
  s.options = in_.options(run, e, s.peepholes);
  s.zone_h = values(in_.zone_h);
  s.zone_c = values(in_.zone_c);
  gather_states(ragged, values(in_.h), e.units, s.state_stride, s.h);
  gather_states(ragged, values(dh_n_), e.units, s.state_stride, s.dh);
  if (!in_.has_c()) return;
  gather_states(ragged, values(in_.c), e.units, s.state_stride, s.c);
  gather_states(ragged, values(dc_n_), e.units, s.state_stride, s.dc);
}

// Gradients that no row adds to.
void RecurrentGradient::clear(const Sequence& s) const {
  const Extents& e = s.extents;
  const int64_t columns = e.gates * e.units;
  if (s.d_input_weight) std::fill_n(s.d_input_weight, e.inputs * columns, 0.0f);
  if (s.d_recurrent_weight) std::fill_n(s.d_recurrent_weight, e.units * columns, 0.0f);
  if (s.d_bias) std::fill_n(s.d_bias, columns, 0.0f);
  if (s.d_recurrent_bias) std::fill_n(s.d_recurrent_bias, columns, 0.0f);
  for (float* gradient : s.d_peepholes)
    if (gradient) std::fill_n(gradient, e.units, 0.0f);
}

bool RecurrentGradient::run_steps(const Sequence& s, size_t index, const Worker& worker, StepBarrier& barrier,
                                  int64_t& passed) {
  const Extents& e = s.extents;
  const Ragged& ragged = s.ragged;
  const int64_t width = padded(e.units);
  const BackwardChunk& chunk = s.chunks[index];
  BackwardStep step = {};
  step.units = e.units;
  step.recurrent_weights = s.recurrent_weights;
  step.candidate_weights = s.candidate_weights;
  step.dgates = s.dgates_of(index);
  step.dgates_block = s.dgates_block;
  step.quantization = s.quantization;
  step.words = s.words_of(step.dgates);
  step.words_block = s.words_block();
  step.gates_stride = s.gates_stride;
  step.h_initial = s.h;
  step.c_initial = s.c;
  step.dh = s.dh;
  step.dc = s.dc;
  step.state_stride = s.state_stride;
  step.mask = s.mask_h;
  step.masks = e.masks_h;
  step.reset_h = s.reset_h;
  step.initial_gradient = s.initial_gradient;
  step.options = &s.options;
  if (index > 0) {  // the last step of the chunk before
    const BackwardChunk& before = s.chunks[index - 1];
    step.later_rows = ragged.active(ragged.time(before.begin));
    step.words_later = s.words_of(s.dgates_of(index - 1) + (before.rows - step.later_rows) * s.dgates_row());
  }
  for (int64_t p = chunk.end - 1; p >= chunk.begin; --p) {
    const int64_t time = ragged.time(p), first = ragged.first(time);
    if (s.ends_segment(p) &&
        !RecurrentForward::run_again(*s.again, {s.y, s.checkpoints, s.h, s.c}, p, worker, barrier, passed))
      return false;
    step.rows = ragged.active(time);
    step.turned = p % 2 == 1;
    step.earlier_rows = 0;
    if (s.gates) step.gates = s.gates + s.saved_row(p) * s.gates_stride;
    if (s.dy) step.dy = s.dy + first * e.units;
    step.y = s.y + first * e.units;
    if (s.zone_h) step.zone_h = s.zone_h + first * e.units;
    if (s.zone_c) step.zone_c = s.zone_c + first * e.units;
    if (p > 0) {
      const int64_t earlier = ragged.time(p - 1);
      step.earlier_rows = std::min(step.rows, ragged.active(earlier));
      step.y_earlier = s.y + ragged.first(earlier) * e.units;
      if (s.cells)
        step.cells_earlier = s.ends_segment(p - 1)
                                 ? s.checkpoints + (p - 1) / s.again->segment * ragged.batch() * width
                                 : s.cells + s.saved_row(p - 1) * width;
    }
    s.cell.backward(step, part_of(worker));
    if (s.cell.reset) {
      worker.barrier();
      s.cell.reset(step, part_of(worker));
      step.reset_h += step.rows * s.state_stride;
    }
    if (!barrier.pass(worker, passed)) return false;
    step.later_rows = step.rows;
    step.words_later = step.words;
    step.dgates += step.rows * s.dgates_row();
    step.words = s.words_of(step.dgates);
  }
  return true;
}

// What the first steps give to the initial states.
void RecurrentGradient::run_initial(const Sequence& s, const Worker& worker) {
  const BackwardChunk& last = s.chunks.back();
  BackwardStep step = {};
  step.units = s.extents.units;
  step.recurrent_weights = s.recurrent_weights;
  step.quantization = s.quantization;
  step.words_block = s.words_block();
  step.later_rows = s.ragged.active(s.ragged.time(0));
  step.words_later =
      s.words_of(s.dgates_of(s.chunks.size() - 1) + (last.rows - step.later_rows) * s.dgates_row());
  step.dh = s.dh;
  step.state_stride = s.state_stride;
  step.mask = s.mask_h;
  step.masks = s.extents.masks_h;
  step.initial_gradient = true;
  s.cell.backward(step, part_of(worker));
}

void RecurrentGradient::finish(const Run& run, const Sequence& s) const {
  const int64_t units = s.extents.units;
  if (wanted_.at) s.distinct->list(0, run.view(wanted_.at));
  if (wanted_.h) scatter_states(s.ragged, s.dh, units, s.state_stride, run.view(wanted_.h).real());
  if (wanted_.c) scatter_states(s.ragged, s.dc, units, s.state_stride, run.view(wanted_.c).real());
}

void RecurrentGradient::run(Run& run) {
  Sequence s = check(run);
  const Extents& e = s.extents;
  const CellLayout& layout = s.cell.layout;
  if (s.distinct) distinct_.find(run.view(in_.ids), run.view(in_.table).axis(0));
  Workspace::cut(run, [&](Workspace& workspace) { place(s, run.pool().threads(), workspace); });
  const auto words = [&](int64_t rows, const GateSpan& span) {
    return padded(rows) * row_words(s.quantization, padded(e.units)) * span.count;
  };
  const bool new_input =
      (s.dx || s.d_rows) && input_weights_.stale(run, in_.input_weight, words(e.inputs, layout.input));
  const bool new_recurrent =
      recurrent_weights_.stale(run, in_.recurrent_weight, words(e.units, layout.recurrent));
  const bool new_candidate =
      s.cell.reset && candidate_weights_.stale(run, in_.recurrent_weight, words(e.units, layout.candidate));
  s.input_weights = input_weights_.data();
  s.recurrent_weights = recurrent_weights_.data();
  s.candidate_weights = candidate_weights_.data();
  gather(run, s);
  if (s.chunks.empty()) {
    clear(s);
    return finish(run, s);
  }

  if (s.again) forward_.prepare(run, *s.again);
  const float* input_weight = run.view(in_.input_weight).real();
  const float* recurrent_weight = run.view(in_.recurrent_weight).real();
  StepBarrier barrier(run);
  const auto body = [&](const Worker& worker) {
    const Part part = part_of(worker);
    const auto pack = [&](const float* weights, int64_t rows, const GateSpan& span, Word* packed) {
      s.kernels.pack_transposed({weights, rows, e.units, e.gates, span, packed}, s.quantization, part);
    };
    if (new_input) pack(input_weight, e.inputs, layout.input, input_weights_.data());
    if (new_recurrent) pack(recurrent_weight, e.units, layout.recurrent, recurrent_weights_.data());
    if (new_candidate) pack(recurrent_weight, e.units, layout.candidate, candidate_weights_.data());
    if (s.sums) {
      const Range mine = share(worker, blocks_of(e.units) * s.sums_block);
      std::fill_n(s.sums + mine.begin, mine.end - mine.begin, 0.0f);
    }
    if (s.again) RecurrentForward::pack(*s.again, worker);
    worker.barrier();
    int64_t passed = 0;
    for (size_t index = 0; index < s.chunks.size(); ++index) {
      pack_operands(s, s.chunks[index], part);
      if (!run_steps(s, index, worker, barrier, passed)) return;
      if (s.words) {
        round_gradients(s, index, part);
        worker.barrier();
      }
      add_gradients(s, index, part);
      worker.barrier();  // operands are packed anew
    }
    if (s.initial_gradient) run_initial(s, worker);
    if (!s.sums) return;
    worker.barrier();  // its words are those of the table now
    add_table_gradients(s, worker);
  };
  run.pool().parallel(body, threads_for_steps(run, s.ragged, e.gates * e.units * (e.inputs + e.units)));
  if (s.dx || s.d_rows) input_weights_.keep();
  recurrent_weights_.keep();
  candidate_weights_.keep();
  if (s.again) forward_.keep();
  if (!barrier.cancelled()) finish(run, s);
}

constexpr OperationEntry kEntries[] = {
    {"rnnGradient", make_operation<RecurrentGradient>},
    {"gruGradient", make_operation<RecurrentGradient>},
    {"lstmGradient", make_operation<RecurrentGradient>},
};

}  // namespace

extern const OperationList kRecurrentGradientOperations;
const OperationList kRecurrentGradientOperations = {kEntries, std::size(kEntries)};

}  // namespace recurra
