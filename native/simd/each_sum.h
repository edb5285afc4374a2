// The sums of a tile of a matrix product, one by one.
#pragma once

#include <utility>

// For a lambda: never a function of its own.
#define RECURRA_WRITTEN_OUT __attribute__((always_inline))

namespace recurra {

// body(row, vector) for each sum, written out: in a loop, or in a function that is called, compilers keep
// sums in memory before and after those over k, and even over k.
template <int kRows, int kVectors, class Body>
static inline void each_sum(Body body) {
  [&]<int... i>(std::integer_sequence<int, i...>) {
    (body(i / kVectors, i % kVectors), ...);
  }(std::make_integer_sequence<int, kRows * kVectors>());
}

}  // namespace recurra
