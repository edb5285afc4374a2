// Dropout masks from Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror & Shaw 2011.
// Unit u of row r at time t takes lane u mod 4 of the block with counter (⌊u/4⌋, t, r, training step).
#pragma once

#include "kernels/elementwise.h"
#include "kernels/lanes.inl.h"

namespace recurra::RECURRA_ISA {

// Blocks drawn side by side, in loops that compilers turn into vector instructions.
constexpr int kBlocks = 16;

struct Philox {
  uint32_t word[4][kBlocks];

  void draw(uint32_t key0, uint32_t key1) {
    for (int round = 0; round < 10; ++round) {
#pragma GCC unroll 1  // or GCC takes the loop apart before it could vectorize it
      for (int k = 0; k < kBlocks; ++k) {
        const uint64_t product0 = uint64_t{0xd2511f53} * word[0][k];
        const uint64_t product1 = uint64_t{0xcd9e8d57} * word[2][k];
        word[0][k] = static_cast<uint32_t>(product1 >> 32) ^ word[1][k] ^ key0;
        word[1][k] = static_cast<uint32_t>(product1);
        word[2][k] = static_cast<uint32_t>(product0 >> 32) ^ word[3][k] ^ key1;
        word[3][k] = static_cast<uint32_t>(product0);
      }
      key0 += 0x9e3779b9;  // golden ratio
      key1 += 0xbb67ae85;  // √3 − 1
    }
  }
};

// Calls use(first unit, units, their numbers): `kept` or `dropped` of each.
template <class Use>
static inline void draw_mask(const DropoutKey& key, uint32_t time, uint32_t row, float kept, float dropped,
                             int64_t units, Use use) {
  constexpr int64_t drawn = 4 * kBlocks;
  for (int64_t first = 0; first < units; first += drawn) {
    Philox blocks;
    for (int k = 0; k < kBlocks; ++k) {
      blocks.word[0][k] = static_cast<uint32_t>(first / 4) + static_cast<uint32_t>(k);
      blocks.word[1][k] = time;
      blocks.word[2][k] = row;
      blocks.word[3][k] = key.training_step;
    }
    blocks.draw(key.seed, key.layer);
    float mask[drawn];
    for (int k = 0; k < kBlocks; ++k)
      for (int lane = 0; lane < 4; ++lane)
        mask[4 * k + lane] = (blocks.word[lane][k] >> 8) >= key.threshold ? kept : dropped;
    use(first, units - first < drawn ? units - first : drawn, mask);
  }
}

static void dropout(const DropoutKey& key, uint32_t time, uint32_t row, const float* x, float* y,
                    int64_t units) {
  draw_mask(key, time, row, key.scale, 0, units, [=](int64_t first, int64_t count, const float* mask) {
    // A dropped element is 0, even where x is not finite.
    for_each_vector(count, [&](int64_t i, auto lanes) {
      const Vec m = lanes.load(mask + i);
      lanes.store(y + first + i, select_positive(m, lanes.load(x + first + i) * m, Vec::zero()));
    });
  });
}

static void dropped(const DropoutKey& key, uint32_t time, uint32_t row, float* y, int64_t units) {
  draw_mask(key, time, row, 0, 1, units, [=](int64_t first, int64_t count, const float* mask) {
    for_each_vector(count, [&](int64_t i, auto lanes) { lanes.store(y + first + i, lanes.load(mask + i)); });
  });
}

}  // namespace recurra::RECURRA_ISA
