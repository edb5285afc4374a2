// Functions of one element.
#pragma once

#include "kernels/lanes.inl.h"
#include "kernels/math.inl.h"

namespace recurra::RECURRA_ISA {

static inline Vec positive(Vec x) { return select_positive(x, Vec::set(1), Vec::zero()); }
static inline Vec relu(Vec x) { return max(x, Vec::zero()); }
static inline Vec square(Vec x) { return x * x; }

template <Vec (*f)(Vec)>
static void map(const float* x, float* y, int64_t count) {
  for_each_vector(count, [=](int64_t i, auto lanes) { lanes.store(y + i, f(lanes.load(x + i))); });
}

static void scale(float factor, float shift, const float* x, float* y, int64_t count) {
  const Vec a = Vec::set(factor), b = Vec::set(shift);
  for_each_vector(count, [=](int64_t i, auto lanes) { lanes.store(y + i, fma(a, lanes.load(x + i), b)); });
}

}  // namespace recurra::RECURRA_ISA
