// scan: a step that the program brings along, at every time step of a packed batch; lib/ops/scan-body.ts says
// what enters it and what leaves.
#include <algorithm>
#include <cstring>
#include <iterator>

#include "engine/arena.h"
#include "engine/memory.h"
#include "engine/registry.h"
#include "sequence/direction.h"
#include "sequence/ragged.h"
#include "sequence/workspace.h"

namespace recurra {
namespace {

// What a buffer of the body is around it.
enum class Place {
  kScratch,
  kSequence,  // x: a row of its own at every step
  kState,     // s: as the step before left it
  kConstant,  // k: a row for all steps of a sequence
  kCaptured,  // c: the same for all rows and steps
  kOutput,    // y: a row of its own at every step
  kNext,      // s: of the step after
};

struct Binding {
  Place place = Place::kScratch;
  Buffer outer;
  int state = -1;  // of kState and kNext
};

// Rows, one after the other.
struct Rows {
  char* data = nullptr;
  int64_t bytes = 0;  // of a row
};

// The body's run: what its operations see of a time step.
class BodyRun final : public Run {
 public:
  BodyRun(Run& around, const std::vector<Binding>& bindings, Memory& workspace)
      : views(bindings.size()), around_(around), bindings_(bindings), workspace_(workspace) {}

  const View& view(Buffer buffer) const override { return views[static_cast<size_t>(buffer.id)]; }
  Pool& pool() override { return around_.pool(); }
  const Kernels& kernels() const override { return around_.kernels(); }
  bool cancelled() const override { return around_.cancelled(); }
  void* workspace(uint64_t bytes) override { return workspace_.reserve(bytes); }
  uint64_t version(Buffer buffer) const override {
    const Binding& binding = bindings_[static_cast<size_t>(buffer.id)];
    return binding.place == Place::kCaptured ? around_.version(binding.outer) : 0;
  }

  std::vector<View> views;

 private:
  Run& around_;
  const std::vector<Binding>& bindings_;
  Memory& workspace_;
};

class Scan final : public Operation {
 public:
  explicit Scan(const StepSpec& step);
  void run(Run& run) override;

 private:
  struct State {
    Buffer initial, last;
  };
  // One run.
  struct Sequence {
    const Ragged ragged;
    std::vector<int64_t> sizes = {};     // of the body
    std::vector<uint64_t> offsets = {};  // of its scratch buffers
    uint64_t scratch_bytes = 0;
    char* scratch = nullptr;
    // By rank, twice, read and written in turns: a row enters, and leaves, from either.
    std::vector<Rows> states[2] = {};
    std::vector<Rows> constants = {};  // by rank, by buffer
    std::vector<Rows> outer = {};      // what lies around the body, by buffer
  };

  Binding binding_of(const StepSpec& step, const BufferSpec& buffer) const;
  std::vector<int64_t> sizes_of(const Run& run, const Ragged& ragged) const;
  void expect(const View& view, const BufferSpec& buffer, int64_t rows, std::vector<int64_t>& sizes) const;
  int64_t tokens_of(const Run& run) const;
  void place(const Run& run, Sequence& s, Workspace& workspace) const;
  void enter(const Run& run, const Sequence& s) const;
  void bind(Sequence& s, int64_t p, BodyRun& step) const;
  void leave(const Run& run, const Sequence& s) const;

  const Program body_;
  const bool backward_;
  const Buffer offsets_, order_;
  std::vector<State> states_;
  std::vector<Binding> bindings_;  // of the body's buffers
  int rows_ = -1;                  // which of the body's sizes it is
  std::vector<std::unique_ptr<Operation>> operations_;
  Memory workspace_;
};

Error malformed(const std::string& message) { return Error("ERR_ARGUMENT", "scan: " + message); }

bool begins(const std::string& name, const char* prefix) { return name.rfind(prefix, 0) == 0; }

Scan::Scan(const StepSpec& step)
    : body_(step.program("body")),
      backward_(reads_backward(step)),
      offsets_(step.input("offsets", DType::kInt32)),
      order_(step.input("order", DType::kInt32)) {
  check_program(body_);
  if (!body_.storages.empty() || !body_.checks.empty() ||
      static_cast<size_t>(body_.commit) != body_.steps.size())
    throw malformed("a body neither stores nor commits");
  for (size_t i = 0; i < body_.sizes.size(); ++i)
    if (body_.sizes[i] == "rows") rows_ = static_cast<int>(i);
  if (rows_ < 0) throw malformed("a body has rows");
  for (const Buffer initial : step.inputs("s:")) {
    const std::string name = "s:" + std::to_string(states_.size());
    states_.push_back({initial, step.any_output(name.c_str())});
  }
  for (const BufferSpec& buffer : body_.buffers) bindings_.push_back(binding_of(step, buffer));
  for (size_t i = 0; i < states_.size(); ++i) {
    const auto next = std::count_if(bindings_.begin(), bindings_.end(), [&](const Binding& each) {
      return each.place == Place::kNext && each.state == static_cast<int>(i);
    });
    if (next != 1) throw malformed("a body makes every state once");
  }
  operations_ = make_operations(body_);
}

Binding Scan::binding_of(const StepSpec& step, const BufferSpec& buffer) const {
  if (buffer.role == Role::kScratch) return {};
  const std::string& name = buffer.name;
  const bool feed = buffer.role == Role::kFeed;
  Binding binding;
  binding.outer = feed ? step.any_input(name.c_str()) : step.any_output(name.c_str());
  if (step.dtype(binding.outer) != buffer.dtype) throw malformed(name + " is of another type inside");
  if (begins(name, "s:")) {
    binding.place = feed ? Place::kState : Place::kNext;
    for (size_t i = 0; i < states_.size(); ++i)  // two may begin as the same buffer
      if (name == "s:" + std::to_string(i)) binding.state = static_cast<int>(i);
    if (binding.state < 0) throw malformed("there is no state " + name);
  } else if (feed && begins(name, "x:")) {
    binding.place = Place::kSequence;
  } else if (feed && begins(name, "k:")) {
    binding.place = Place::kConstant;
  } else if (feed && begins(name, "c:")) {
    binding.place = Place::kCaptured;
  } else if (!feed && begins(name, "y:")) {
    binding.place = Place::kOutput;
  } else {
    throw malformed("nothing is called " + name);
  }
  return binding;
}

int64_t Scan::tokens_of(const Run& run) const {
  for (const Binding& binding : bindings_)
    if (binding.place == Place::kSequence || binding.place == Place::kOutput) {
      const View& view = run.view(binding.outer);
      if (view.shape.empty()) throw Error("ERR_SHAPE", "scan: a sequence has no rows");
      return view.axis(0);
    }
  throw malformed("there is no sequence to go along");
}

// Matches what is outside with what it is inside; names of sizes are bound where they are met first.
void Scan::expect(const View& view, const BufferSpec& buffer, int64_t rows,
                  std::vector<int64_t>& sizes) const {
  bool fits = view.shape.size() == buffer.shape.size();
  for (size_t axis = 0; fits && axis < view.shape.size(); ++axis) {
    const Dimension& dimension = buffer.shape[axis];
    const int64_t extent = view.shape[axis];
    if (dimension.size < 0) {
      fits = extent == dimension.extent;
    } else if (dimension.size == rows_) {
      fits = axis == 0 && extent == rows;
    } else {
      int64_t& size = sizes[static_cast<size_t>(dimension.size)];
      if (size < 0) size = extent;
      fits = extent == size;
    }
  }
  // Rows are what the first axis counts, or nothing is.
  if (fits && rows >= 0) fits = !buffer.shape.empty() && buffer.shape[0].size == rows_;
  if (!fits)
    throw Error("ERR_SHAPE", "scan: " + buffer.name + " has shape " + describe_shape(view.shape) +
                                 ", which is not what the body expects");
}

std::vector<int64_t> Scan::sizes_of(const Run& run, const Ragged& ragged) const {
  std::vector<int64_t> sizes(body_.sizes.size(), -1);
  sizes[static_cast<size_t>(rows_)] = ragged.most_active();
  for (const bool feeds : {true, false})  // what enters binds names, what leaves must fit
    for (size_t id = 0; id < bindings_.size(); ++id) {
      const Binding& binding = bindings_[id];
      const BufferSpec& buffer = body_.buffers[id];
      if (binding.place == Place::kScratch || (buffer.role == Role::kFeed) != feeds) continue;
      const bool each_token = binding.place == Place::kSequence || binding.place == Place::kOutput;
      const int64_t rows = binding.place == Place::kCaptured ? -1
                           : each_token                      ? ragged.tokens()
                                                             : ragged.batch();
      expect(run.view(binding.outer), buffer, rows, sizes);
      if (binding.place == Place::kNext)
        expect(run.view(states_[static_cast<size_t>(binding.state)].initial), buffer, rows, sizes);
    }
  for (const int64_t size : sizes)
    if (size < 0) throw Error("ERR_SHAPE", "scan: a size of the body is not that of anything that enters it");
  return sizes;
}

int64_t row_bytes(const View& view) {
  int64_t count = 1;
  for (size_t axis = 1; axis < view.shape.size(); ++axis) count *= view.shape[axis];
  return count * static_cast<int64_t>(kElementBytes);
}

void Scan::place(const Run& run, Sequence& s, Workspace& workspace) const {
  const auto take = [&](Buffer buffer) {
    const int64_t bytes = row_bytes(run.view(buffer));
    return Rows{workspace.take<char>(s.ragged.batch() * bytes), bytes};
  };
  for (std::vector<Rows>& turn : s.states) {
    turn.clear();
    for (const State& state : states_) turn.push_back(take(state.initial));
  }
  s.constants.assign(bindings_.size(), {});
  for (size_t id = 0; id < bindings_.size(); ++id)
    if (bindings_[id].place == Place::kConstant) s.constants[id] = take(bindings_[id].outer);
  s.scratch = workspace.take<char>(static_cast<int64_t>(s.scratch_bytes));
}

// Rows of every sequence from the caller's order into that of the ranks.
void Scan::enter(const Run& run, const Sequence& s) const {
  const auto gather = [&](Buffer from, const Rows& to) {
    const char* source = static_cast<const char*>(run.view(from).data);
    for (int64_t rank = 0; to.bytes > 0 && rank < s.ragged.batch(); ++rank)
      std::memcpy(to.data + rank * to.bytes, source + s.ragged.caller(rank) * to.bytes,
                  static_cast<size_t>(to.bytes));
  };
  for (const std::vector<Rows>& turn : s.states)
    for (size_t i = 0; i < states_.size(); ++i) gather(states_[i].initial, turn[i]);
  for (size_t id = 0; id < bindings_.size(); ++id)
    if (bindings_[id].place == Place::kConstant) gather(bindings_[id].outer, s.constants[id]);
}

// What the body sees of the step that is processed p-th.
void Scan::bind(Sequence& s, int64_t p, BodyRun& step) const {
  const int64_t time = s.ragged.time(p);
  s.sizes[static_cast<size_t>(rows_)] = s.ragged.active(time);
  for (size_t id = 0; id < bindings_.size(); ++id) {
    const Binding& binding = bindings_[id];
    const auto state = static_cast<size_t>(binding.state);
    View& view = step.views[id];
    resolve_shape(body_.buffers[id], s.sizes, view.shape);
    view.count = element_count(view.shape);
    switch (binding.place) {
      case Place::kScratch:
        view.data = s.scratch + s.offsets[id];
        break;
      case Place::kSequence:
      case Place::kOutput:
        view.data = s.outer[id].data + s.ragged.first(time) * s.outer[id].bytes;
        break;
      case Place::kState:
        view.data = s.states[p % 2][state].data;
        break;
      case Place::kNext:
        view.data = s.states[(p + 1) % 2][state].data;
        break;
      case Place::kConstant:
        view.data = s.constants[id].data;
        break;
      case Place::kCaptured:
        view.data = s.outer[id].data;
        break;
    }
  }
}

void Scan::leave(const Run& run, const Sequence& s) const {
  const Ragged& ragged = s.ragged;
  for (size_t i = 0; i < states_.size(); ++i) {
    char* to = static_cast<char*>(run.view(states_[i].last).data);
    const int64_t bytes = s.states[0][i].bytes;
    if (bytes == 0) continue;
    ragged.visit_lengths({0, ragged.batch()}, [&](int64_t rank, int64_t length) {
      const int64_t turns = backward_ && length > 0 ? ragged.steps() : length;  // after which it was left
      std::memcpy(to + ragged.caller(rank) * bytes, s.states[turns % 2][i].data + rank * bytes,
                  static_cast<size_t>(bytes));
    });
  }
}

void Scan::run(Run& run) {
  Sequence s = {Ragged("scan", run.view(offsets_), run.view(order_), tokens_of(run), backward_)};
  s.sizes = sizes_of(run, s.ragged);
  s.offsets = place_scratch(body_, s.sizes, s.scratch_bytes);
  Workspace::cut(run, [&](Workspace& workspace) { place(run, s, workspace); });
  enter(run, s);

  BodyRun step(run, bindings_, workspace_);
  s.outer.resize(bindings_.size());
  for (size_t id = 0; id < bindings_.size(); ++id) {
    step.views[id].dtype = body_.buffers[id].dtype;
    if (!bindings_[id].outer) continue;
    const View& view = run.view(bindings_[id].outer);
    s.outer[id] = {static_cast<char*>(view.data), row_bytes(view)};
  }
  for (int64_t p = 0; p < s.ragged.steps(); ++p) {
    if (s.ragged.active(s.ragged.time(p)) == 0) continue;
    if (run.cancelled()) return;
    bind(s, p, step);
    for (const std::unique_ptr<Operation>& operation : operations_) operation->run(step);
  }
  leave(run, s);
}

constexpr OperationEntry kEntries[] = {{"scan", make_operation<Scan>}};

}  // namespace

extern const OperationList kScanOperations;
const OperationList kScanOperations = {kEntries, std::size(kEntries)};

}  // namespace recurra
