#include "engine/run.h"

#include <chrono>
#include <cmath>
#include <cstring>
#include <functional>

#include "engine/cancel.h"

namespace recurra {
namespace {

// Takes its views from the instance, so that a run allocates nothing once the instance has seen one.
class ProgramRun final : public Run {
 public:
  ProgramRun(RunRequest& request, const Means& means)
      : request_(request), means_(means), loaded_(*request.program), program_(loaded_.program()) {}

  void run() {
    const RunUnderWay under_way(means_.pool);
    bind();
    if (loaded_.timed()) means_.instance.times.assign(program_.steps.size(), 0.0);
    const size_t commit = static_cast<size_t>(program_.commit);
    for (size_t index = 0; index < program_.steps.size(); ++index) {
      if (index == commit) check_finite();
      if (cancelled()) throw Error("ERR_CANCELLED", "the run was cancelled; nothing was written");
      run_step(index);
      for (const auto& [slot, id] : program_.steps[index].outputs) touch(id);
    }
    if (!committed_) check_finite();
    collect();
    if (loaded_.timed()) loaded_.add_times(means_.instance.times);
  }

  const View& view(Buffer buffer) const override {
    return means_.instance.views[static_cast<size_t>(buffer.id)];
  }
  Pool& pool() override { return means_.pool; }
  const Kernels& kernels() const override { return means_.kernels; }

  bool cancelled() const override {
    if (committed_) return false;
    return means_.stop.load(std::memory_order_relaxed) || asked_to_end(request_.cancel);
  }

  void* workspace(uint64_t bytes) override { return means_.instance.workspace.reserve(bytes); }

  uint64_t version(Buffer buffer) const override {
    const BufferSpec& spec = program_.buffers[static_cast<size_t>(buffer.id)];
    if (spec.role != Role::kParameter) return 0;
    return loaded_.storages()[static_cast<size_t>(spec.storage)]->version.load(std::memory_order_relaxed);
  }

 private:
  void bind() {
    size_views();
    std::vector<View>& views = means_.instance.views;
    if (request_.plan != nullptr) means_.arena.reserve(request_.plan->bytes);
    size_t feed = 0;
    for (size_t id = 0; id < views.size(); ++id) {
      const BufferSpec& spec = program_.buffers[id];
      View& view = views[id];
      if (spec.role == Role::kFeed)
        view.data = const_cast<void*>(request_.feeds[feed++]);  // no step writes a feed
      else if (spec.storage >= 0)
        view.data = static_cast<char*>(loaded_.storages()[static_cast<size_t>(spec.storage)]->data) +
                    static_cast<size_t>(spec.offset) * kElementBytes;
      else
        view.data = in_arena(id, view.count);
    }
  }

  // Shapes; a run with the sizes of the one before finds them as they are.
  void size_views() {
    Instance& instance = means_.instance;
    if (instance.sized && instance.sizes == request_.sizes) return;
    instance.sized = false;
    instance.views.resize(program_.buffers.size());
    for (size_t id = 0; id < instance.views.size(); ++id) {
      View& view = instance.views[id];
      view.dtype = program_.buffers[id].dtype;
      resolve_shape(program_.buffers[id], request_.sizes, view.shape);
      view.count = element_count(view.shape);
    }
    instance.sizes = request_.sizes;
    instance.sized = true;
  }

  char* in_arena(size_t id, int64_t count) const {
    if (count == 0) return nullptr;
    if (request_.plan == nullptr ||
        static_cast<uint64_t>(count) * kElementBytes > static_cast<uint64_t>(request_.plan->rooms[id]))
      throw Error("ERR_ARGUMENT", "run: the sizes do not fit the plan of the arena");
    return means_.arena.data() + request_.plan->offsets[id];
  }

  void run_step(size_t index) {
    const Loan workers(means_.pool);
    Operation& operation = *means_.instance.operations[index];
    if (means_.instance.times.empty()) return operation.run(*this);
    using clock = std::chrono::steady_clock;
    const clock::time_point begin = clock::now();
    operation.run(*this);
    means_.instance.times[index] += std::chrono::duration<double>(clock::now() - begin).count();
  }

  void check_finite() {
    for (const int id : program_.checks)
      if (!std::isfinite(*means_.instance.views[static_cast<size_t>(id)].real())) {
        request_.buffer = id;
        throw Error("ERR_NON_FINITE",
                    program_.buffers[static_cast<size_t>(id)].name + " is not finite; nothing was written");
      }
    if (cancelled()) throw Error("ERR_CANCELLED", "the run was cancelled; nothing was written");
    committed_ = true;
  }

  void touch(int id) const {
    const int storage = program_.buffers[static_cast<size_t>(id)].storage;
    if (storage >= 0) loaded_.storages()[static_cast<size_t>(storage)]->touch();
  }

  void collect() {
    const std::vector<int>& results = loaded_.results();
    const auto view = [&](size_t i) -> const View& {
      return means_.instance.views[static_cast<size_t>(results[i])];
    };
    const auto room = [&](size_t i) {
      return request_.rooms.empty() ? nullptr : static_cast<char*>(request_.rooms[i]);
    };
    size_t bytes = 0;
    for (size_t i = 0; i < results.size(); ++i)
      if (!room(i)) bytes += static_cast<size_t>(view(i).count) * kElementBytes;
    request_.results.reserve(bytes);
    char* next = request_.results.data();
    for (size_t i = 0; i < results.size(); ++i) {
      const View& from = view(i);
      const size_t count = static_cast<size_t>(from.count), size = count * kElementBytes;
      request_.placed.push_back({from.dtype, room(i) ? room(i) : next, count});
      if (!room(i)) next += size;
      copy(static_cast<const char*>(from.data), size, request_.placed.back().data);
    }
  }

  void copy(const char* from, size_t bytes, char* to) {
    if (bytes < RunRequest::kLargeResult) {
      if (bytes > 0) std::memcpy(to, from, bytes);
      return;
    }
    const Loan workers(means_.pool);
    const auto body = [&](const Worker& worker) {
      const Range mine = share(worker, static_cast<int64_t>(bytes));
      std::memcpy(to + mine.begin, from + mine.begin, static_cast<size_t>(mine.end - mine.begin));
    };
    means_.pool.parallel(std::cref(body));
  }

  RunRequest& request_;
  const Means& means_;
  LoadedProgram& loaded_;
  const Program& program_;
  bool committed_ = false;
};

}  // namespace

static std::vector<int64_t> element_counts(const Program& program, const std::vector<int>& buffers,
                                           const std::vector<int64_t>& sizes) {
  if (sizes.size() != program.sizes.size())
    throw Error("ERR_FEED", "run: expected " + std::to_string(program.sizes.size()) + " sizes, got " +
                                std::to_string(sizes.size()));
  for (size_t i = 0; i < sizes.size(); ++i)
    if (sizes[i] < 0) throw Error("ERR_FEED", "run: the size " + program.sizes[i] + " is negative");
  std::vector<int64_t> counts, shape;
  for (const int id : buffers) {
    resolve_shape(program.buffers[static_cast<size_t>(id)], sizes, shape);
    counts.push_back(element_count(shape));
  }
  return counts;
}

std::vector<int64_t> feed_counts(const LoadedProgram& loaded, const std::vector<int64_t>& sizes) {
  return element_counts(loaded.program(), loaded.feeds(), sizes);
}

std::vector<int64_t> result_counts(const LoadedProgram& loaded, const std::vector<int64_t>& sizes) {
  return element_counts(loaded.program(), loaded.results(), sizes);
}

void run_steps(RunRequest& request, const Means& means) { ProgramRun(request, means).run(); }

void execute(RunRequest& request, const Means& means) noexcept {
  const auto fail = [&](const char* code, const char* message) {
    request.code = code;
    try {
      request.message = message;
    } catch (...) {
      request.message.clear();
    }
  };
  try {
    run_steps(request, means);
  } catch (const Error& error) {
    fail(error.code(), error.what());
  } catch (const std::bad_alloc&) {
    fail("ERR_MEMORY", "memory for the run could not be allocated");
  } catch (const std::exception& error) {
    fail("ERR_BACKEND", error.what());
  }
}

}  // namespace recurra
