// Functions of two elements, either of which may be the same for all.
#pragma once

#include "kernels/elementwise.h"
#include "kernels/lanes.inl.h"

namespace recurra::RECURRA_ISA {

struct Add {
  static Vec of(Vec a, Vec b) { return a + b; }
};
struct Subtract {
  static Vec of(Vec a, Vec b) { return a - b; }
};
struct Multiply {
  static Vec of(Vec a, Vec b) { return a * b; }
};
struct Divide {
  static Vec of(Vec a, Vec b) { return a / b; }
};

template <class F>
static void both(const float* a, const float* b, float* y, int64_t count) {
  for_each_vector(
      count, [=](int64_t i, auto lanes) { lanes.store(y + i, F::of(lanes.load(a + i), lanes.load(b + i))); });
}

template <class F>
static void left(float a, const float* b, float* y, int64_t count) {
  const Vec all = Vec::set(a);
  for_each_vector(count, [=](int64_t i, auto lanes) { lanes.store(y + i, F::of(all, lanes.load(b + i))); });
}

template <class F>
static void right(const float* a, float b, float* y, int64_t count) {
  const Vec all = Vec::set(b);
  for_each_vector(count, [=](int64_t i, auto lanes) { lanes.store(y + i, F::of(lanes.load(a + i), all)); });
}

template <class F>
constexpr ElementwiseKernels::Arithmetic arithmetic = {both<F>, left<F>, right<F>};

}  // namespace recurra::RECURRA_ISA
