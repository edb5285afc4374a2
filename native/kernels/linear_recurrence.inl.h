// One time step of a linear recurrence, h = a⊙h₋ + b, over sequences and units alike.
//
// What some steps make of a state is p⊙h + e whatever h is: one step more and it is a⊙p⊙h + (a⊙e + b).
#pragma once

#include "kernels/lanes.inl.h"

namespace recurra::RECURRA_ISA {

static void linear_step(const float* a, const float* b, float* h, float* y, int64_t count) {
  for_each_vector(count, [=](int64_t i, auto lanes) {
    const Vec next = fma(lanes.load(a + i), lanes.load(h + i), lanes.load(b + i));
    lanes.store(h + i, next);
    lanes.store(y + i, next);
  });
}

static void compose_linear_step(const float* a, const float* b, float* p, float* e, int64_t count) {
  for_each_vector(count, [=](int64_t i, auto lanes) {
    const Vec factor = lanes.load(a + i);
    lanes.store(p + i, factor * lanes.load(p + i));
    lanes.store(e + i, fma(factor, lanes.load(e + i), lanes.load(b + i)));
  });
}

}  // namespace recurra::RECURRA_ISA
