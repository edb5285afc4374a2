// Dropout masks from Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror & Shaw 2011.
// Unit u of row r at time t takes lane u mod 4 of the block with counter (⌊u/4⌋, t, r, training step).
#pragma once

#include "kernels/elementwise.h"
#include "kernels/lanes.inl.h"

namespace recurra::RECURRA_ISA {

// So many vectors of each word of the blocks stand side by side: multiplications should not wait for each
// other.
constexpr int kVectors = 4;
constexpr int kLanes = sizeof(Words) / sizeof(uint64_t), kBlocks = kVectors * kLanes, kDrawn = 4 * kBlocks;
constexpr uint64_t kLow = 0xffffffff;

// The numbers of `kBlocks` blocks from this one on.
static inline void philox(const DropoutKey& key, uint32_t time, uint32_t row, uint64_t block,
                          uint32_t (&numbers)[kDrawn]) {
  const Words zero = {};
  Words word[4][kVectors];
  for (int v = 0; v < kVectors; ++v) {
    for (int lane = 0; lane < kLanes; ++lane)
      word[0][v][lane] = block + static_cast<uint64_t>(v * kLanes + lane);
    word[1][v] = zero + time;
    word[2][v] = zero + row;
    word[3][v] = zero + key.training_step;
  }
  uint32_t key0 = key.seed, key1 = key.layer;
  for (int round = 0; round < 10; ++round) {
    for (int v = 0; v < kVectors; ++v) {
      const Words product0 = multiply_words(word[0][v], zero + 0xd2511f53);
      const Words product1 = multiply_words(word[2][v], zero + 0xcd9e8d57);
      word[0][v] = (product1 >> 32) ^ word[1][v] ^ key0;
      word[1][v] = product1;
      word[2][v] = (product0 >> 32) ^ word[3][v] ^ key1;
      word[3][v] = product0;
    }
    key0 += 0x9e3779b9;  // golden ratio
    key1 += 0xbb67ae85;  // √3 − 1
  }
  Words halves[2][kVectors];
  for (int v = 0; v < kVectors; ++v)
    for (int half = 0; half < 2; ++half)
      halves[half][v] = (word[2 * half][v] & kLow) | word[2 * half + 1][v] << 32;
  uint64_t pairs[2 * kBlocks];
  for (int k = 0; k < kBlocks; ++k)
    for (int half = 0; half < 2; ++half) pairs[2 * k + half] = halves[half][k / kLanes][k % kLanes];
  __builtin_memcpy(numbers, pairs, sizeof pairs);
}

// Known when compiled.
struct AllDrawn {
  constexpr operator int() const { return kDrawn; }
};

// Calls use(first unit, units, their numbers).
template <class Use>
static inline void draw(const DropoutKey& key, uint32_t time, uint32_t row, int64_t units, Use use) {
  uint32_t numbers[kDrawn];
  int64_t first = 0;
  for (; first + kDrawn <= units; first += kDrawn) {
    philox(key, time, row, static_cast<uint64_t>(first / 4), numbers);
    use(first, AllDrawn(), numbers);
  }
  if (first >= units) return;
  philox(key, time, row, static_cast<uint64_t>(first / 4), numbers);
  use(first, static_cast<int>(units - first), numbers);
}

static inline bool keeps(const DropoutKey& key, uint32_t number) { return number >> 8 >= key.threshold; }

// A dropped element is 0, even where x is not finite.
static void dropout(const DropoutKey& key, uint32_t time, uint32_t row, const float* x, float* y,
                    int64_t units) {
  draw(key, time, row, units, [=, &key](int64_t first, auto count, const uint32_t* numbers) {
    for (int i = 0; i < count; ++i) {
      const float scaled = x[first + i] * key.scale;
      y[first + i] = keeps(key, numbers[i]) ? scaled : 0;
    }
  });
}

static void dropped(const DropoutKey& key, uint32_t time, uint32_t row, float* y, int64_t units) {
  draw(key, time, row, units, [=, &key](int64_t first, auto count, const uint32_t* numbers) {
    for (int i = 0; i < count; ++i) y[first + i] = keeps(key, numbers[i]) ? 0.0f : 1.0f;
  });
}

}  // namespace recurra::RECURRA_ISA
