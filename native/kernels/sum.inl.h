// Sums that depend neither on the instruction set nor on the number of threads.
#pragma once

#include <cstdint>

#include "simd/vec.h"

namespace recurra::RECURRA_ISA {

// Sixteen sums side by side; element i of an array goes to lane i mod 16.
struct Lanes {
  static constexpr int count = 16;
  double lane[count] = {};

  // term(i) for i = 0, 1, … below `elements`
  template <class Term>
  void add_each(int64_t elements, Term term) {
    int64_t i = 0;
    for (; i + count <= elements; i += count)
      for (int k = 0; k < count; ++k) lane[k] += term(i + k);
    for (int k = 0; i + k < elements; ++k) lane[k] += term(i + k);
  }
  template <class Term>
  void add(const float* x, int64_t elements, Term term) {
    add_each(elements, [=](int64_t i) { return term(static_cast<double>(x[i])); });
  }

  double fold() {
    for (int half = count / 2; half > 0; half /= 2)
      for (int k = 0; k < half; ++k) lane[k] += lane[k + half];
    return lane[0];
  }
};

static double sum(const float* x, int64_t count) {
  Lanes lanes;
  lanes.add(x, count, [](double v) { return v; });
  return lanes.fold();
}

static double sum_of_squares(const float* x, int64_t count) {
  Lanes lanes;
  lanes.add(x, count, [](double v) { return v * v; });
  return lanes.fold();
}

// Four rows at a time, so that a sum is loaded and stored once for four terms; neighbours in a row are read
// together, as they lie.
static void add_rows(const float* x, int64_t stride, int64_t rows, int64_t columns, double* sums) {
  int64_t r = 0;
  for (; r + 4 <= rows; r += 4) {
    const float *a = x + r * stride, *b = a + stride, *c = b + stride, *d = c + stride;
    for (int64_t k = 0; k < columns; ++k) sums[k] = (((sums[k] + a[k]) + b[k]) + c[k]) + d[k];
  }
  for (; r < rows; ++r)
    for (int64_t k = 0; k < columns; ++k) sums[k] += x[r * stride + k];
}

}  // namespace recurra::RECURRA_ISA
