// Rows of scores: their largest element, the logarithm of the sum of their exponentials, their softmax.
// The largest score is taken out first, so that no exponential overflows.
#pragma once

#include "kernels/lanes.inl.h"
#include "kernels/map.inl.h"
#include "kernels/math.inl.h"
#include "kernels/sum.inl.h"

namespace recurra::RECURRA_ISA {

static float largest(const float* x, int64_t count) {
  Vec most = Vec::set(-__builtin_inff());
  int64_t i = 0;
  for (; i + Vec::width <= count; i += Vec::width) most = max(most, Vec::load(x + i));
  float result = max_lane(most);
  for (; i < count; ++i) result = x[i] > result ? x[i] : result;
  return result;
}

static int64_t argmax(const float* x, int64_t count) {
  constexpr int64_t looked_at = 64;  // elements whose largest is compared before each of them is
  int64_t best = 0;
  for (int64_t first = 0; first < count; first += looked_at) {
    const int64_t last = first + looked_at < count ? first + looked_at : count;
    if (!(largest(x + first, last - first) > x[best])) continue;
    for (int64_t i = first; i < last; ++i)
      if (x[i] > x[best]) best = i;
  }
  return best;
}

// y = e^{x − shift}; adds y to the lanes.
static inline void exponentials(const float* x, Vec shift, float* y, int64_t count, Lanes& sums) {
  for_each_vector(count, [=](int64_t i, auto lanes) { lanes.store(y + i, exp(lanes.load(x + i) - shift)); });
  sums.add(y, count, [](double v) { return v; });
}

static float log_sum_exp(const float* x, float largest, int64_t count) {
  constexpr int64_t at_a_time = 512;
  float y[at_a_time];
  Lanes sums;
  for (int64_t first = 0; first < count; first += at_a_time)
    exponentials(x + first, Vec::set(largest), y, count - first < at_a_time ? count - first : at_a_time,
                 sums);
  // One of the terms is 1: without it what is left keeps its digits where the other scores are small.
  float result[Vec::width];
  log1p(Vec::set(static_cast<float>(sums.fold() - 1))).store(result);
  return result[0];
}

static void softmax(const float* x, float shift, double factor, float* y, int64_t count) {
  Lanes sums;
  exponentials(x, Vec::set(shift), y, count, sums);
  scale(static_cast<float>(factor / sums.fold()), 0, y, y, count);
}

}  // namespace recurra::RECURRA_ISA
