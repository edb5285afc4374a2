// How kernels go over arrays: whole vectors first, then what is left in part of one.
#pragma once

#include <cstdint>

#include "simd/vec.h"

namespace recurra::RECURRA_ISA {

struct AllLanes {
  Vec load(const float* p) const { return Vec::load(p); }
  void store(float* p, Vec v) const { v.store(p); }
};

struct FirstLanes {
  int count;
  Vec load(const float* p) const { return Vec::load(p, count); }
  void store(float* p, Vec v) const { v.store(p, count); }
};

// Calls body(i, lanes) for i = 0, width, 2·width, … below count; `lanes` loads and stores the elements that
// there are.
template <class Body>
static inline void for_each_vector(int64_t count, Body body) {
  int64_t i = 0;
  for (; i + Vec::width <= count; i += Vec::width) body(i, AllLanes{});
  if (i < count) body(i, FirstLanes{static_cast<int>(count - i)});
}

}  // namespace recurra::RECURRA_ISA
