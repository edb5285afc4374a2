// x held between two bounds, and its gradient; lib/ops/clip.ts.
#pragma once

#include "kernels/lanes.inl.h"

namespace recurra::RECURRA_ISA {

static void clip(float low, float high, const float* x, float* y, int64_t count) {
  const Vec least = Vec::set(low), most = Vec::set(high);
  for_each_vector(
      count, [=](int64_t i, auto lanes) { lanes.store(y + i, min(max(lanes.load(x + i), least), most)); });
}

static void clip_gradient(float low, float high, const float* x, const float* dy, float* dx, int64_t count) {
  const Vec least = Vec::set(low), most = Vec::set(high), zero = Vec::zero();
  for_each_vector(count, [=](int64_t i, auto lanes) {
    const Vec v = lanes.load(x + i);
    const Vec below_most = select_positive(v - most, zero, lanes.load(dy + i));
    lanes.store(dx + i, select_positive(least - v, zero, below_most));
  });
}

}  // namespace recurra::RECURRA_ISA
