// kernels/limits.h says what these are for.
#pragma once

#include "kernels/lanes.inl.h"
#include "kernels/limits.h"

namespace recurra::RECURRA_ISA {

// At least latency times units of a processor (4·2 on Zen 5 and Golden Cove, 4·4 on Neoverse V2), and no more
// than its registers hold beside m and a. GCC unrolls no loop of more than 16.
#if defined(__AVX512F__) || defined(__aarch64__)
static constexpr int kChains = 16;
#else
static constexpr int kChains = 12;
#endif

static float chains(float m, float a, int64_t rounds) {
  const Vec factor = Vec::set(m), addend = Vec::set(a);
  Vec x[kChains];
  for (int k = 0; k < kChains; ++k) x[k] = Vec::set(a + static_cast<float>(k));
  for (int64_t round = 0; round < rounds; ++round)
    for (int k = 0; k < kChains; ++k) x[k] = fma(x[k], factor, addend);
  for (int k = 1; k < kChains; ++k) x[0] = x[0] + x[k];
  return sum(x[0]);
}

static void add_scaled(float s, const float* x, float* y, int64_t count) {
  for_each_vector(count, [&](int64_t i, auto lanes) {
    lanes.store(y + i, lanes.load(y + i) + Vec::set(s) * lanes.load(x + i));
  });
}

static const LimitKernels limit_kernels = {
    .chains = chains,
    .operations = 2 * kChains * Vec::width,
    .add_scaled = add_scaled,
};

}  // namespace recurra::RECURRA_ISA
