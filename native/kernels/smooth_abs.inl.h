// |x| with its corner rounded, and its slope.
//
//   y = x²/(2β) where |x| < β, else |x| − β/2        dx = dy·(x/β where |x| < β, else sign x)
#pragma once

#include "kernels/lanes.inl.h"

namespace recurra::RECURRA_ISA {

static void smooth_abs(float beta, const float* x, float* y, int64_t count) {
  const Vec edge = Vec::set(beta), inside = Vec::set(beta > 0 ? 0.5f / beta : 0), shift = Vec::set(beta / 2);
  for_each_vector(count, [=](int64_t i, auto lanes) {
    const Vec size = abs(lanes.load(x + i));
    lanes.store(y + i, select_positive(edge - size, inside * size * size, size - shift));
  });
}

static void smooth_abs_gradient(float beta, const float* x, const float* dy, float* dx, int64_t count) {
  const Vec edge = Vec::set(beta), inside = Vec::set(beta > 0 ? 1 / beta : 0), one = Vec::set(1);
  for_each_vector(count, [=](int64_t i, auto lanes) {
    const Vec v = lanes.load(x + i);
    const Vec sign = select_positive(v, one, select_positive(-v, -one, v));  // 0 and NaN stay
    const Vec slope = select_positive(edge - abs(v), inside * v, sign);
    lanes.store(dx + i, lanes.load(dy + i) * slope);
  });
}

}  // namespace recurra::RECURRA_ISA
