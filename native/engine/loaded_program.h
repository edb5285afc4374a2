// A program that an engine can run: checked, its operations made, its storages bound.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "engine/arena.h"
#include "engine/memory.h"
#include "engine/program.h"
#include "engine/storage.h"

namespace recurra {

// Where the buffers of the arena lie.
struct ArenaPlan {
  std::vector<int64_t> offsets;  // per buffer, in bytes
  std::vector<int64_t> rooms;    // per buffer: bytes to the next buffer that lives at the same time
  size_t bytes = 0;
};

// What one run at a time needs of a program. Operations keep packed weights, so two runs at once need two of
// these.
struct Instance {
  std::vector<std::unique_ptr<Operation>> operations;
  std::vector<View> views;
  std::vector<int64_t> sizes;  // that the views' shapes are of
  bool sized = false;          // whether they are
  std::vector<double> times;   // of the steps of a run, where it is timed
  Memory workspace;
  Memory arena;
};

class LoadedProgram {
 public:
  // `storages` in the order of the program's. Throws as `check_program` and `make_operations` do.
  LoadedProgram(Program program, std::vector<Storage*> storages);

  const Program& program() const { return program_; }
  const std::vector<Storage*>& storages() const { return storages_; }
  const std::vector<int>& feeds() const { return feeds_; }      // buffers
  const std::vector<int>& results() const { return results_; }  // buffers
  bool writes() const { return writes_; }                       // any storage

  // Where arena buffers lie from the next run on. Throws ERR_ARGUMENT where an offset is impossible.
  void place(const std::vector<double>& offsets, double bytes);
  const std::shared_ptr<const ArenaPlan>& plan() const { return plan_; }

  // Counts a run in, and out, of the storages that it uses.
  void enter() const;
  void leave() const;
  // Whether a run that is counted in would see, or disturb, what this program writes and reads.
  bool busy() const;

  // Seconds that each step has taken since the call before, over all runs; the first call starts the clock.
  std::vector<double> take_times();
  bool timed() const { return timed_.load(std::memory_order_relaxed); }
  void add_times(const std::vector<double>& seconds);

  std::unique_ptr<Instance> acquire();
  void release(std::unique_ptr<Instance> instance) noexcept;

 private:
  Program program_;
  std::vector<Storage*> storages_;
  std::vector<bool> read_, written_;
  std::vector<int> feeds_, results_;
  std::vector<Lifetime> lives_;  // per buffer
  bool writes_ = false;
  std::shared_ptr<const ArenaPlan> plan_;
  std::mutex mutex_;  // of what follows
  std::atomic<bool> timed_{false};
  std::vector<double> times_;
  std::vector<std::unique_ptr<Instance>> idle_;
  size_t instances_ = 0;
};

}  // namespace recurra
