// What connectionist temporal classification does to the states of one frame, with logarithms of
// probabilities.
#pragma once

#include "kernels/elementwise.h"
#include "kernels/lanes.inl.h"
#include "kernels/math.inl.h"

namespace recurra::RECURRA_ISA {

static void log_add(const float* a, const float* b, const float* c, const float* gate, float* y,
                    int64_t count) {
  for_each_vector(count, [=](int64_t i, auto lanes) {
    const Vec p = lanes.load(a + i), q = lanes.load(b + i), r = lanes.load(c + i) + lanes.load(gate + i);
    const Vec largest = max(max(p, q), max(r, Vec::set(kLogZero)));
    lanes.store(y + i, largest + log(exp(p - largest) + exp(q - largest) + exp(r - largest)));
  });
}

static void exp_of_sum(const float* a, const float* b, float shift, float* y, int64_t count) {
  const Vec all = Vec::set(shift);
  for_each_vector(count, [=](int64_t i, auto lanes) {
    lanes.store(y + i, exp(lanes.load(a + i) + lanes.load(b + i) + all));
  });
}

}  // namespace recurra::RECURRA_ISA
