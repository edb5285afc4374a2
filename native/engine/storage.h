// Memory that JavaScript and the engine both see and that outlives programs. JavaScript owns it.
#pragma once

#include <atomic>
#include <cstdint>

#include "engine/operation.h"

namespace recurra {

struct Storage {
  DType dtype;
  int64_t elements;
  void* data;
  // Packed copies of what lies here are stale once this has changed.
  std::atomic<uint64_t> version{1};
  // Runs queued or under way that read or write it.
  std::atomic<int> readers{0};
  std::atomic<int> writers{0};

  void touch() { version.fetch_add(1, std::memory_order_relaxed); }
};

}  // namespace recurra
