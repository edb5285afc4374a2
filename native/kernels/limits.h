// Work that is nothing but what a processor is limited by; engine/limits.h times it.
#pragma once

#include <cstdint>

namespace recurra {

struct LimitKernels {
  // Independent chains x ← x·m + a that never leave the registers, `rounds` links of each. Returns their sum,
  // so that somebody wants them.
  float (*chains)(float m, float a, int64_t rounds);
  int operations;  // of one round, a multiplication and an addition counted as two

  // y ← s·x + y. In place: of no line is read what is only written.
  void (*add_scaled)(float s, const float* x, float* y, int64_t count);
};

}  // namespace recurra
