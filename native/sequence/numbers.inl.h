// How the numbers of a product lie in the words that it multiplies: `dot` adds the products of a word's
// numbers to a sum.
#pragma once

#include "sequence/kernels.h"
#include "simd/vec.h"

namespace recurra::RECURRA_ISA::sequence {

struct Float32 {
  static constexpr int kPerWord = 1;
  static constexpr int kScaleRows = 0;
  static Vec dot(Vec sum, Vec x, Vec w) { return fma(x, w, sum); }
};

// Sums stay float32.
struct BFloat16 {
  static constexpr int kPerWord = 2;
  static constexpr int kScaleRows = 0;
  static Vec dot(Vec sum, Vec x, Vec w) { return dot_pairs(sum, x, w); }
};

// Integers in [−127, 127] with a scale for each row of x and each column of W. Those of x have 128 added, as
// the instructions want them, and what that adds to a sum is taken off where it begins. Sums are integers and
// exact.
struct Int8 {
  static constexpr int kPerWord = 4;
  // In front of a block of W: its columns' scales, and what their sums begin with.
  static constexpr int kScaleRows = 2;
  static constexpr int kOffset = 128;
  static constexpr float kLargest = 127;
  static Vec dot(Vec sum, Vec x, Vec w) { return dot_bytes(sum, x, w); }
};

template <class Numbers>
static constexpr int64_t words_of(int64_t numbers) {
  return (numbers + Numbers::kPerWord - 1) / Numbers::kPerWord;
}

}  // namespace recurra::RECURRA_ISA::sequence
