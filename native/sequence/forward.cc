// rnn, gru, lstm: a cell over every time step of a packed batch; lib/ops/recurrent.ts defines what goes in.
#include "sequence/forward.h"

#include <algorithm>
#include <iterator>

#include "sequence/states.h"

namespace recurra {
namespace {

// Inputs are masked and projected for about this many rows at a time; projected for more where the weights
// are large, which are read once for all of them.
constexpr int64_t kChunkRows = 128, kLargeChunkRows = 512;
// Words of weights that do not stay in the last cache from step to step, 16 MiB: x·W is then left out of the
// steps, which halves what they read.
constexpr int64_t kLargeWeights = int64_t{4} << 20;
// Steps with fewer rows than this read the weights of x too often for what they make of them.
constexpr int64_t kFewRows = 4;

// start [block][slot][16] = what the sums of a row begin with: biases, by the slots that their products feed.
void place_biases(const CellLayout& cell, int64_t units, const float* bias, const float* recurrent_bias,
                  float* start) {
  std::fill_n(start, blocks_of(units) * cell.slots * kBlock, 0.0f);
  const auto add = [&](const GateSpan& span, const float* values) {
    if (!values) return;
    for (int64_t block = 0; block < blocks_of(units); ++block)
      for (int i = 0; i < span.count; ++i) {
        const float* from = values + span.gates[i] * units + block * kBlock;
        float* to = start + (block * cell.slots + span.first + i) * kBlock;
        const int64_t count = std::min(kBlock, units - block * kBlock);
        for (int64_t u = 0; u < count; ++u) to[u] += from[u];
      }
  };
  add(cell.input, bias);
  add(cell.recurrent, recurrent_bias);
  add(cell.candidate, recurrent_bias);
}

}  // namespace

RecurrentForward::Chunk RecurrentForward::chunk_from(const Ragged& ragged, int64_t begin, int64_t end,
                                                     int64_t most_rows) {
  Chunk chunk = {begin, begin, ragged.tokens(), 0, 0};
  while (chunk.end < end) {
    const int64_t time = ragged.time(chunk.end), active = ragged.active(time);
    if (chunk.end > begin && chunk.rows + active > most_rows) break;
    chunk.first = std::min(chunk.first, ragged.first(time));
    chunk.rows += active;
    chunk.most = std::max(chunk.most, active);
    ++chunk.end;
  }
  return chunk;
}

RecurrentForward::Sequence RecurrentForward::sequence(const Run& run, const Ragged& ragged,
                                                      const Extents& e) const {
  Sequence s = {ragged, e, in_.kernels(run), *run.kernels().recurrent};
  if (in_.reads_table())
    s.table = run.view(in_.table).real();
  else
    s.x = run.view(in_.x).real();
  s.gates_stride = saved_columns(s.cell.layout, e.units);
  if (in_.segments) s.segment = in_.segments.length(ragged.steps());
  s.state_stride = padded(e.units) + kBlock;
  s.state_copy = ragged.batch() * s.state_stride;
  s.masked_stride = padded(e.inputs) + kBlock;
  s.quantization = in_.quantization;
  s.weights = s.kernels.packed_size(s.quantization, e.inputs + e.units, e.gates * blocks_of(e.units));
  s.large_weights = !in_.reads_table() && s.weights > kLargeWeights;
  s.chunk_rows = s.large_weights ? kLargeChunkRows : kChunkRows;
  s.masked_copy = std::max(s.chunk_rows, ragged.most_active()) * s.masked_stride;
  return s;
}

void RecurrentForward::place(Sequence& s, int threads, Workspace& workspace) const {
  const Extents& e = s.extents;
  const int64_t batch = s.ragged.batch();
  s.start = workspace.take<float>(s.gates_stride);
  s.mask_x = workspace.take<float>(batch * e.masks_x * padded(e.inputs));
  s.mask_h = workspace.take<float>(batch * e.masks_h * padded(e.units));
  s.peepholes = workspace.take<float>(in_.peephole_count() * padded(e.units));
  for (float*& h : s.h) h = workspace.take<float>((1 + e.masks_h) * s.state_copy);
  if (in_.has_c()) s.c = workspace.take<float>(s.state_copy);
  if (s.cell.candidate) {
    s.reset_h = workspace.take<float>(s.state_copy);
    if (!s.gates) s.phase = workspace.take<float>(batch * s.gates_stride);
  }
  if (e.masks_x > 0) s.masked_x = workspace.take<float>(e.masks_x * s.masked_copy);
  if (s.distinct) {
    s.table_rows = workspace.take<float>(s.distinct->count() * e.inputs);
    s.projected_rows = workspace.take<float>(s.distinct->count() * s.gates_stride);
  }
  if (s.quantization != Quantization::kNone) {
    const auto size = [&](int64_t rows, int64_t width, int64_t masks) {
      return s.kernels.rounded_size(s.quantization, rows, width) * std::max<int64_t>(masks, 1);
    };
    const int64_t rows = s.ragged.most_active(), projected = s.distinct ? s.distinct->count() : s.chunk_rows;
    s.rounded_stride = padded(std::max(size(rows, e.inputs, e.masks_x) + size(rows, e.units, e.masks_h),
                                       size(projected, e.inputs, e.masks_x)));
    s.rounded = workspace.take<Word>(threads * s.rounded_stride);
  }
  if (s.ragged.steps() > 1 && !s.distinct)
    s.projected_x = workspace.take<float>(s.chunk_rows * s.gates_stride);
  if (s.again) s.y = workspace.take<float>(batch * e.units);
}

void RecurrentForward::prepare(Run& run, Sequence& s) {
  const Extents& e = s.extents;
  const CellLayout& layout = s.cell.layout;
  const auto stale = [&](PackedWeights& packed, Buffer weights, int64_t rows, const GateSpan& span) {
    const int64_t words = s.kernels.packed_size(s.quantization, rows, blocks_of(e.units) * span.count);
    return packed.stale(run, weights, words) ? run.view(weights).real() : nullptr;
  };
  s.turned = turned_;
  if (s.ragged.steps() % 2 == 1) turned_ = !turned_;
  s.new_input = stale(input_weights_, in_.input_weight, e.inputs, layout.input);
  s.new_recurrent = stale(recurrent_weights_, in_.recurrent_weight, e.units, layout.recurrent);
  if (s.cell.candidate)
    s.new_candidate = stale(candidate_weights_, in_.recurrent_weight, e.units, layout.candidate);
  s.input_weights = input_weights_.data();
  s.recurrent_weights = recurrent_weights_.data();
  s.candidate_weights = candidate_weights_.data();
  gather(run, s);
}

void RecurrentForward::gather(const Run& run, Sequence& s) const {
  const auto values = [&](Buffer buffer) { return buffer ? run.view(buffer).real() : nullptr; };
  const Extents& e = s.extents;
  place_biases(s.cell.layout, e.units, values(in_.bias), values(in_.recurrent_bias), s.start);
  if (e.masks_x > 0) gather_masks(s.ragged, values(in_.mask_x), e.masks_x, e.inputs, s.mask_x);
  if (e.masks_h > 0) gather_masks(s.ragged, values(in_.mask_h), e.masks_h, e.units, s.mask_h);
  s.options = in_.options(run, e, s.peepholes);
  s.zone_h = values(in_.zone_h);
  s.zone_c = values(in_.zone_c);
  // A row reads its initial state from whichever of the two is read at its first step.
  gather_states(s.ragged, values(in_.h), e.units, s.state_stride, s.h[0]);
  for (int64_t rank = 0; rank < s.ragged.batch(); ++rank) mask_state(s, rank);
  if (s.ragged.steps() > 1) std::copy_n(s.h[0], (1 + e.masks_h) * s.state_copy, s.h[1]);
  if (in_.has_c()) gather_states(s.ragged, values(in_.c), e.units, s.state_stride, s.c);
}

// The copies of h under each mask.
void RecurrentForward::mask_state(const Sequence& s, int64_t rank) {
  const Extents& e = s.extents;
  const float* h = s.h[0] + rank * s.state_stride;
  for (int64_t m = 0; m < e.masks_h; ++m) {
    const float* mask = s.mask_h + (rank * e.masks_h + m) * padded(e.units);
    float* masked = s.h[0] + (1 + m) * s.state_copy + rank * s.state_stride;
    for (int64_t j = 0; j < padded(e.units); ++j) masked[j] = h[j] * mask[j];
  }
}

// This worker's share of the states before step `begin`, as `gather` leaves those before the first.
void RecurrentForward::restore(const Sequence& s, const Beginning& from, int64_t begin,
                               const Worker& worker) {
  const int64_t units = s.extents.units, width = padded(units), batch = s.ragged.batch();
  const int64_t before = begin > 0 ? s.ragged.time(begin - 1) : 0;
  const int64_t begun = begin > 0 ? s.ragged.active(before) : 0;
  const Range mine = share(worker, batch);
  for (int64_t rank = mine.begin; rank < mine.end; ++rank) {
    const int64_t at = rank * s.state_stride;
    if (rank < begun)
      std::copy_n(from.y + (s.ragged.first(before) + rank) * units, units, s.h[0] + at);
    else
      std::copy_n(from.h + at, units, s.h[0] + at);
    mask_state(s, rank);
    for (int64_t copy = 0; copy < 1 + s.extents.masks_h; ++copy)
      std::copy_n(s.h[0] + copy * s.state_copy + at, units, s.h[1] + copy * s.state_copy + at);
    if (!s.c) continue;
    if (rank < begun)
      std::copy_n(from.checkpoints + ((begin / s.segment - 1) * batch + rank) * width, width, s.c + at);
    else
      std::copy_n(from.c + at, width, s.c + at);
  }
}

void RecurrentForward::pack(const Sequence& s, const float* weights, int64_t rows, const GateSpan& span,
                            Word* packed, Part part) {
  s.kernels.pack_weights({weights, rows, s.extents.units, s.extents.gates, span, packed}, s.quantization,
                         part);
}

// x·W for each row of the table that occurs.
void RecurrentForward::project_rows(const Sequence& s, const Worker& worker) {
  const Extents& e = s.extents;
  const int64_t count = s.distinct->count();
  const Range mine = share(worker, count);
  for (int64_t i = mine.begin; i < mine.end; ++i)
    std::copy_n(s.table + s.distinct->ids()[i] * e.inputs, e.inputs, s.table_rows + i * e.inputs);
  worker.barrier();
  s.kernels.project(s.cell.layout,
                    {s.table_rows, e.inputs, 0, count, e.inputs, e.units, s.input_weights, s.start,
                     s.projected_rows, s.gates_stride, s.quantization, s.rounded_of(worker)},
                    part_of(worker));
  worker.barrier();
}

void RecurrentForward::pack(const Sequence& s, const Worker& worker) {
  const Extents& e = s.extents;
  const CellLayout& layout = s.cell.layout;
  const Part part = part_of(worker);
  if (s.new_input) pack(s, s.new_input, e.inputs, layout.input, s.input_weights, part);
  if (s.new_recurrent) pack(s, s.new_recurrent, e.units, layout.recurrent, s.recurrent_weights, part);
  if (s.new_candidate) pack(s, s.new_candidate, e.units, layout.candidate, s.candidate_weights, part);
  if (s.new_input || s.new_recurrent || s.new_candidate) worker.barrier();
  if (s.distinct) project_rows(s, worker);
}

void RecurrentForward::prepare_chunk(const Sequence& s, const Chunk& chunk, bool project,
                                     const Worker& worker) {
  const Extents& e = s.extents;
  const Part part = part_of(worker);
  if (e.masks_x > 0) {
    for (int64_t p = chunk.begin; p < chunk.end; ++p) {
      const int64_t time = s.ragged.time(p), first = s.ragged.first(time);
      s.kernels.mask_inputs(
          {s.x + first * e.inputs, s.mask_x, s.ragged.active(time), e.inputs, e.masks_x,
           s.masked_x + (first - chunk.first) * s.masked_stride, s.masked_stride, s.masked_copy},
          part);
    }
    worker.barrier();
  }
  if (!project) return;
  Projection p = {};
  p.x = e.masks_x > 0 ? s.masked_x : s.x + chunk.first * e.inputs;
  p.x_stride = e.masks_x > 0 ? s.masked_stride : e.inputs;
  p.x_copy = e.masks_x > 1 ? s.masked_copy : 0;
  p.rows = chunk.rows;
  p.inputs = e.inputs;
  p.units = e.units;
  p.weights = s.input_weights;
  p.bias = s.start;
  p.projected = s.projected_x;
  p.stride = s.gates_stride;
  p.quantization = s.quantization;
  p.rounded = s.rounded_of(worker);
  s.kernels.project(s.cell.layout, p, part);
  worker.barrier();
}

bool RecurrentForward::run_step(const Sequence& s, const Chunk& chunk, bool projected, int64_t p,
                                const Worker& worker, StepBarrier& barrier, int64_t& passed) {
  const Extents& e = s.extents;
  const int64_t time = s.ragged.time(p), first = s.ragged.first(time);
  ForwardStep step = {};
  step.rows = s.ragged.active(time);
  step.inputs = e.inputs;
  step.units = e.units;
  step.start = projected ? s.projected_x + (first - chunk.first) * s.gates_stride : s.start;
  step.start_stride = projected ? s.gates_stride : 0;
  if (s.distinct) {
    step.start = s.projected_rows;
    step.start_stride = s.gates_stride;
    step.start_rows = s.distinct->numbers() + first;
  } else if (!projected) {
    step.x = e.masks_x > 0 ? s.masked_x + (first - chunk.first) * s.masked_stride : s.x + first * e.inputs;
    step.x_stride = e.masks_x > 0 ? s.masked_stride : e.inputs;
    step.x_copy = e.masks_x > 1 ? s.masked_copy : 0;
  }
  if (step.x && e.masks_x == 0 && p + 1 < s.ragged.steps()) {
    const int64_t next = s.ragged.time(p + 1);
    step.x_next = s.x + s.ragged.first(next) * e.inputs;
    step.x_next_lines = s.ragged.active(next) * e.inputs / kBlock;
  }
  step.input_weights = s.input_weights;
  step.recurrent_weights = s.recurrent_weights;
  step.candidate_weights = s.candidate_weights;
  step.quantization = s.quantization;
  step.turned = s.turned != (p % 2 == 1);
  step.rounded = s.rounded_of(worker);
  step.h = s.h[p % 2];
  step.h_next = s.h[(p + 1) % 2];
  step.h_copy = s.state_copy;
  step.mask = s.mask_h;
  step.masks = e.masks_h;
  step.state_stride = s.state_stride;
  step.c = s.c;
  step.reset_h = s.reset_h;
  step.y = s.again ? s.y : s.y + first * e.units;
  step.gates = s.gates ? s.gates + s.saved_row(p) * s.gates_stride : s.phase;
  step.gates_stride = s.gates_stride;
  step.cells = s.cells_after(p);
  step.options = &s.options;
  step.zone_h = s.zone_h ? s.zone_h + first * e.units : nullptr;
  step.zone_c = s.zone_c ? s.zone_c + first * e.units : nullptr;
  s.cell.forward(step, part_of(worker));
  if (s.cell.candidate) {
    worker.barrier();
    s.cell.candidate(step, part_of(worker));
  }
  const bool ends_call = !s.again && p + 1 == s.ragged.steps();  // which all workers wait for anyway
  return ends_call || barrier.pass(worker, passed);
}

bool RecurrentForward::run_steps(const Sequence& s, int64_t begin, int64_t end, const Worker& worker,
                                 StepBarrier& barrier, int64_t& passed) {
  for (int64_t p = begin; p < end;) {
    const Chunk chunk = chunk_from(s.ragged, p, end, s.chunk_rows);
    const bool project =
        !s.distinct && (chunk.most < kFewRows || s.large_weights) && chunk.end - chunk.begin > 1;
    prepare_chunk(s, chunk, project, worker);
    for (; p < chunk.end; ++p)
      if (!run_step(s, chunk, project, p, worker, barrier, passed)) return false;
  }
  return true;
}

bool RecurrentForward::run_again(const Sequence& s, const Beginning& from, int64_t last, const Worker& worker,
                                 StepBarrier& barrier, int64_t& passed) {
  const int64_t begin = last / s.segment * s.segment;
  restore(s, from, begin, worker);
  worker.barrier();
  return run_steps(s, begin, last + 1, worker, barrier, passed);
}

void RecurrentForward::keep() {
  input_weights_.keep();
  recurrent_weights_.keep();
  candidate_weights_.keep();
}

namespace {

// The operations rnn, gru and lstm.
class RecurrentOperation : public Operation {
 public:
  explicit RecurrentOperation(const StepSpec& step)
      : in_(step, step.op()),
        y_(step.output("y")),
        h_n_(step.output("hN")),
        c_n_(step.optional_output("cN")),
        gates_(step.optional_output("gates")),
        cells_(step.optional_output("cells")),
        checkpoints_(step.optional_output("checkpoints")) {
    const bool cells = in_.has_c() && gates_, checkpoints = in_.has_c() && in_.segments;
    if (in_.has_c() != static_cast<bool>(c_n_) || (gates_ && (!in_.saves_gates() || in_.segments)) ||
        static_cast<bool>(cells_) != cells || static_cast<bool>(checkpoints_) != checkpoints)
      throw Error("ERR_ARGUMENT", step.op() + ": the outputs are not those of the cell");
    if ((gates_ || in_.segments) && in_.quantization == Quantization::kInt8)
      throw Error("ERR_ARGUMENT", step.op() + ": int8 is for inference");
  }

  void run(Run& run) override;

 private:
  using Sequence = RecurrentForward::Sequence;
  Sequence check(const Run& run) const;
  void finish(const Run& run, const Sequence& s) const;

  const Recurrence in_;
  const Buffer y_, h_n_, c_n_, gates_, cells_, checkpoints_;
  RecurrentForward forward_{in_};
  Distinct distinct_;
};

RecurrentForward::Sequence RecurrentOperation::check(const Run& run) const {
  const Ragged ragged = in_.check_order(run);
  const Extents e = in_.check_inputs(run, ragged);
  const auto real = [&](Buffer buffer, std::initializer_list<int64_t> shape, const char* name) {
    return in_.real(run, buffer, shape, name);
  };
  const int64_t batch = ragged.batch(), width = padded(e.units);
  Sequence s = forward_.sequence(run, ragged, e);
  s.y = real(y_, {e.tokens, e.units}, "y");
  real(h_n_, {batch, e.units}, "hN");
  real(c_n_, {batch, e.units}, "cN");
  s.gates = real(gates_, {e.tokens, s.gates_stride}, "gates");
  s.cells = real(cells_, {e.tokens, width}, "cells");
  s.checkpoints = real(checkpoints_, {in_.segments.most(ragged.steps()), batch, width}, "checkpoints");
  if (in_.reads_table()) s.distinct = &distinct_;
  return s;
}

void RecurrentOperation::finish(const Run& run, const Sequence& s) const {
  const int64_t units = s.extents.units;
  float* h_n = run.view(h_n_).real();
  for (int64_t rank = 0; rank < s.ragged.batch(); ++rank) {
    const int64_t row = s.ragged.last_row(rank);
    std::copy_n(row >= 0 ? s.y + row * units : s.h[0] + rank * s.state_stride, units,
                h_n + s.ragged.caller(rank) * units);
  }
  if (c_n_) scatter_states(s.ragged, s.c, units, s.state_stride, run.view(c_n_).real());
}

void RecurrentOperation::run(Run& run) {
  Sequence s = check(run);
  if (s.distinct) distinct_.find(run.view(in_.ids), run.view(in_.table).axis(0));
  const int threads = threads_for_steps(run, s.ragged, s.weights);
  Workspace::cut(run, [&](Workspace& workspace) { forward_.place(s, threads, workspace); });
  forward_.prepare(run, s);
  StepBarrier barrier(run);
  const auto body = [&](const Worker& worker) {
    int64_t passed = 0;
    RecurrentForward::pack(s, worker);
    RecurrentForward::run_steps(s, 0, s.ragged.steps(), worker, barrier, passed);
  };
  run.pool().parallel(body, threads);
  forward_.keep();
  if (!barrier.cancelled()) finish(run, s);
}

constexpr OperationEntry kEntries[] = {
    {"rnn", make_operation<RecurrentOperation>},
    {"gru", make_operation<RecurrentOperation>},
    {"lstm", make_operation<RecurrentOperation>},
};

}  // namespace

extern const OperationList kRecurrentOperations;
const OperationList kRecurrentOperations = {kEntries, std::size(kEntries)};

}  // namespace recurra
