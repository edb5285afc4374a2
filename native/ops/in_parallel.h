// Splits the items of an operation between the threads.
#pragma once

#include <cstdint>
#include <functional>

#include "engine/operation.h"

namespace recurra {

// Below this many elements waking another thread costs more than it brings.
constexpr int64_t kWorthSharing = 32768;

// Long sums are cut into blocks of so many elements whatever the number of threads, so that it cannot change
// them.
constexpr int64_t kSumBlock = 8192;

// Calls body(range) with ranges that cover the items, multiples of `grain`, each on a thread of its own: on
// the caller alone where all items together have few elements. What it computes for an item must not depend
// on the range.
template <class Body>
void in_parallel(Run& run, int64_t items, int64_t elements_per_item, const Body& body, int64_t grain = 1) {
  if (items == 0) return;
  if (run.pool().threads() == 1 || items * elements_per_item < kWorthSharing) {
    body(Range{0, items});
    return;
  }
  const auto part = [&](const Worker& worker) {
    const Range range = share(worker, items, grain);
    if (range.begin < range.end) body(range);
  };
  run.pool().parallel(std::cref(part));
}

}  // namespace recurra
