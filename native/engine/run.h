// One run of a loaded program: what it is given, what comes of it, and the loop over the steps.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/loaded_program.h"

namespace recurra {

struct RunRequest {
  LoadedProgram* program = nullptr;
  std::shared_ptr<const ArenaPlan> plan;
  std::vector<int64_t> sizes;       // in the order of the program's
  std::vector<const void*> feeds;   // in the order of the program's feed buffers
  Memory copies;                    // of the feeds that JavaScript might take away or change
  const int32_t* cancel = nullptr;  // another thread sets it

  // Memory of the caller's for results that are worth it, in the order of all; null: for this one there is
  // none.
  static constexpr size_t kLargeResult = size_t{256} << 10;  // bytes
  std::vector<void*> rooms;

  struct Result {
    DType dtype;
    char* data;  // in the caller's memory or in `results`
    size_t count;
  };
  std::vector<Result> placed;
  Memory results;

  const char* code = nullptr;  // of the error, where there was one
  std::string message;
  int buffer = -1;  // that was not finite

  // For another run of the same.
  void forget_outcome() {
    placed.clear();
    code = nullptr, message.clear(), buffer = -1;
  }
  // As new, but for memory to use again.
  void reset() {
    program = nullptr, plan = nullptr, cancel = nullptr;
    sizes.clear(), feeds.clear(), rooms.clear();
    forget_outcome();
  }
};

// What a run is lent.
struct Means {
  Pool& pool;
  const Kernels& kernels;
  Memory& arena;
  Instance& instance;
  const std::atomic<bool>& stop;  // the environment ends
};

// Elements that each feed, or each result, must have. Throws ERR_FEED where a size is missing or negative.
std::vector<int64_t> feed_counts(const LoadedProgram& program, const std::vector<int64_t>& sizes);
std::vector<int64_t> result_counts(const LoadedProgram& program, const std::vector<int64_t>& sizes);

// Runs and fills in results. Throws Error and std::bad_alloc.
void run_steps(RunRequest& request, const Means& means);

// The same; what it throws stands in the request.
void execute(RunRequest& request, const Means& means) noexcept;

}  // namespace recurra
