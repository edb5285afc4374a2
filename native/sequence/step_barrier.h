// The barrier after a time step: every worker learns at the same step that the run was cancelled.
#pragma once

#include <atomic>
#include <cstdint>

#include "engine/operation.h"

namespace recurra {

class StepBarrier {
 public:
  explicit StepBarrier(const Run& run) : run_(run) {}

  // Ends a step; `passed` counts those of this worker. False, on all workers, where the run ends here.
  bool pass(const Worker& worker, int64_t& passed) {
    const int64_t step = passed++;
    if (worker.index() == 0 && run_.cancelled()) last_.store(step, std::memory_order_relaxed);
    worker.barrier();
    return step < last_.load(std::memory_order_relaxed);
  }

  bool cancelled() const { return last_.load(std::memory_order_relaxed) != INT64_MAX; }

 private:
  const Run& run_;
  std::atomic<int64_t> last_{INT64_MAX};  // number of the step after which the run ends
};

}  // namespace recurra
