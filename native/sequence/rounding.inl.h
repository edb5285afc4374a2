// Operands of products in fewer bits than float32, as numbers.inl.h lays them out.
#pragma once

#include "sequence/product.inl.h"

namespace recurra::RECURRA_ISA::sequence {

// Rows of floats as words, numbers past `width` being 0.
struct RowRounding {
  const float* rows;
  int64_t stride;
  int64_t count;
  int64_t width;
  Word* words;    // [count][padded(width) / numbers in a word]
  float* scales;  // [count], written where numbers are scaled
};

// 1 / scale, or 0 where all numbers are next to nothing.
static inline Vec inverse_scale(Vec largest) {
  return select_positive(largest - Vec::set(1e-30f), Vec::set(Int8::kLargest) / largest, Vec::zero());
}

static inline uint8_t* bytes_of(Word* words) { return reinterpret_cast<uint8_t*>(words); }

static void round_rows(BFloat16, const RowRounding& r) {
  for (int64_t row = 0; row < r.count; ++row) {
    const float* from = r.rows + row * r.stride;
    uint8_t* to = bytes_of(r.words + row * padded(r.width) / BFloat16::kPerWord);
    for (int64_t i = 0; i < padded(r.width); i += Vec::width)
      store_halves(load_below(from + i, r.width - i), to + 2 * i);
  }
}

// A row with a number that is not finite gets NaN for a scale.
static void round_rows(Int8, const RowRounding& r) {
  const Vec offset = Vec::set(Int8::kOffset);
  for (int64_t row = 0; row < r.count; ++row) {
    const float* from = r.rows + row * r.stride;
    Vec largest = Vec::zero(), nothing = Vec::zero();
    for (int64_t i = 0; i < r.width; i += Vec::width) {
      const Vec x = load_below(from + i, r.width - i);
      largest = max(largest, abs(x));
      nothing = fma(x, Vec::zero(), nothing);
    }
    const Vec most = Vec::set(max_lane(largest));
    const Vec inverse = inverse_scale(most);
    alignas(64) float scale[Vec::width];
    (most / Vec::set(Int8::kLargest) + Vec::set(sum(nothing))).store(scale);
    r.scales[row] = scale[0];
    uint8_t* to = bytes_of(r.words + row * padded(r.width) / Int8::kPerWord);
    for (int64_t i = 0; i < padded(r.width); i += Vec::width)
      store_bytes(round_even(load_below(from + i, r.width - i) * inverse) + offset, to + i);
  }
}

// `lanes` columns of rows, `row` floats apart, as words of two rows each: [words of rows][16]. An odd last
// row is paired with zeros.
static inline void pair_rows(const float* from, int64_t row, int64_t rows, int64_t lanes, Word* to,
                             int64_t to_row = kBlock) {
  for (int64_t r = 0; r < rows; r += 2, from += 2 * row, to += to_row)
    for (int u = 0; u < kBlock; u += Vec::width)
      store_pairs(load_below(from + u, lanes - u),
                  r + 1 < rows ? load_below(from + row + u, lanes - u) : Vec::zero(), to + u);
}

// Packed weights: [block]{[scale row][16], [words of k][16]}, blocks as in pack_weights. A block's columns
// are `row` floats apart from one k to the next.
static void pack_block(BFloat16, const float* from, int64_t row, GateColumns columns, int64_t rows,
                       Word* to) {
  pair_rows(from, row, rows, columns.count, to);
}

static void pack_block(Int8, const float* from, int64_t row, GateColumns columns, int64_t rows, Word* to) {
  alignas(64) float inverses[kBlock];
  for (int u = 0; u < kBlock; u += Vec::width) {
    Vec largest = Vec::zero();
    for (int64_t k = 0; k < rows; ++k)
      largest = max(largest, abs(load_below(from + k * row + u, columns.count - u)));
    (largest / Vec::set(Int8::kLargest)).store(to + u);
    inverse_scale(largest).store(inverses + u);
  }
  alignas(64) uint8_t bytes[kBlock];
  int32_t sums[kBlock] = {};
  int8_t* words = reinterpret_cast<int8_t*>(to + Int8::kScaleRows * kBlock);
  for (int64_t k = 0; k < words_of<Int8>(rows) * Int8::kPerWord; ++k) {
    for (int u = 0; u < kBlock; u += Vec::width) {
      const Vec w = k < rows ? load_below(from + k * row + u, columns.count - u) : Vec::zero();
      store_bytes(round_even(w * Vec::load(inverses + u)) + Vec::set(Int8::kOffset), bytes + u);
    }
    int8_t* word = words + k / Int8::kPerWord * kBlock * Int8::kPerWord + k % Int8::kPerWord;
    for (int u = 0; u < kBlock; ++u) {
      const int q = bytes[u] - Int8::kOffset;
      word[u * Int8::kPerWord] = static_cast<int8_t>(q);
      sums[u] -= Int8::kOffset * q;
    }
  }
  __builtin_memcpy(to + kBlock, sums, sizeof sums);
}

template <class Numbers>
static void pack_rounded(const WeightPacking& p, Part part) {
  const Span blocks = share(part, blocks_of(p.units) * p.span.count);
  const int64_t size = (words_of<Numbers>(p.rows) + Numbers::kScaleRows) * kBlock;
  for (int64_t block = blocks.begin; block < blocks.end; ++block) {
    const GateColumns columns = gate_columns(p.span, block % p.span.count, p.units, block / p.span.count);
    pack_block(Numbers(), p.weights + columns.first, p.gates * p.units, columns, p.rows,
               p.packed + block * size);
  }
}

// A block of transposed weights, [columns of 16 units][16 rows], in words of two columns where they are
// rounded.
static void pack_transposed_block(Float32, const float* from, int64_t row, int64_t lanes, int64_t columns,
                                  Word* to) {
  transpose_block(from, row, lanes, columns, to);
}
static void pack_transposed_block(BFloat16, const float* from, int64_t row, int64_t lanes, int64_t columns,
                                  Word* to) {
  alignas(64) float block[kBlock * kBlock];
  transpose_block(from, row, lanes, columns, block);
  pair_rows(block, kBlock, kBlock, kBlock, to);
}

// Transposed weights: [block of 16 rows][words of columns][16], columns in the order (16 units, gate, unit).
template <class Numbers>
static void pack_transposed(const WeightPacking& p, Part part) {
  constexpr int64_t kSize = kBlock * kBlock / Numbers::kPerWord;
  const int64_t row = p.gates * p.units;
  const int64_t columns_per_block = blocks_of(p.units) * p.span.count;
  const Span blocks = share(part, blocks_of(p.rows));
  for (int64_t block = blocks.begin; block < blocks.end; ++block) {
    const int64_t lanes = smaller(kBlock, p.rows - block * kBlock);
    const float* from = p.weights + block * kBlock * row;
    Word* to = p.packed + block * columns_per_block * kSize;
    for (int64_t c = 0; c < columns_per_block; ++c, to += kSize) {
      const GateColumns columns = gate_columns(p.span, c % p.span.count, p.units, c / p.span.count);
      pack_transposed_block(Numbers(), from + columns.first, row, lanes, columns.count, to);
    }
  }
}

// What time steps and gradients need to know of the numbers of a product.
struct NumberKernels {
  int per_word;
  int scale_rows;
  void (*pack_weights)(const WeightPacking&, Part);
  void (*round_rows)(const RowRounding&);  // null: products read the floats themselves
  void (*product)(int64_t count, int64_t width, const Product&);
  // These of training, null where there is none.
  void (*pack_transposed)(const WeightPacking&, Part);
  void (*transposed_product)(int64_t count, int64_t width, const TransposedProduct&);
  bool rounds() const { return round_rows != nullptr; }
  int64_t block_words(int64_t width) const {
    return ((width + per_word - 1) / per_word + scale_rows) * kBlock;
  }
};

template <class Numbers>
static void round_rows(const RowRounding& r) {
  round_rows(Numbers(), r);
}

static const NumberKernels& numbers_of(Quantization quantization) {
  static constexpr NumberKernels kNone = {
      1, 0, pack_weights, nullptr, product<Float32>, pack_transposed<Float32>, transposed_product<Float32>};
  static constexpr NumberKernels kBFloat16 = {BFloat16::kPerWord,          0,
                                              pack_rounded<BFloat16>,      round_rows<BFloat16>,
                                              product<BFloat16>,           pack_transposed<BFloat16>,
                                              transposed_product<BFloat16>};
  static constexpr NumberKernels kInt8 = {Int8::kPerWord,   Int8::kScaleRows, pack_rounded<Int8>,
                                          round_rows<Int8>, product<Int8>,    nullptr,
                                          nullptr};
  switch (quantization) {
    case Quantization::kBFloat16:
      return kBFloat16;
    case Quantization::kInt8:
      return kInt8;
    default:
      return kNone;
  }
}

}  // namespace recurra::RECURRA_ISA::sequence
