// The matrix products of a recurrent step: register tiles over packed weights, and the packers of these.
//
// A tile is up to `tile_rows(blocks)` rows by `kTileBlocks` blocks of 16 columns, all of it in registers: for
// each k one load per vector of weights, one broadcast per row, and a fused multiply-add for each pair. Every
// output is one chain of them.
#pragma once

#include "sequence/kernels.h"
#include "sequence/numbers.inl.h"
#include "simd/each_sum.h"
#include "simd/vec.h"

namespace recurra::RECURRA_ISA::sequence {

constexpr int kBlockVectors = kBlock / Vec::width;
constexpr int kTileBlocks = Vec::width == 16 ? 4 : 1;
// All sums of a tile stay in registers, beside a vector of weights per block and one element of the rows: 24
// + 4 + 1 of 32, or 12 + 2 + 1 of 16. A seventh row of four blocks would put one of them into memory; fewer
// blocks take more rows, as each load of weights is to serve many.
constexpr int tile_rows(int64_t blocks) { return Vec::width == 1 ? 2 : blocks < kTileBlocks ? 8 : 6; }
constexpr int kMostTileRows = tile_rows(1);
constexpr int kTileColumns = kTileBlocks * kBlock;
// Of the sums of any tile.
constexpr int kTileSums = tile_rows(kTileBlocks) * kTileColumns;
static_assert(kTileBlocks == 1 || kTileSums >= tile_rows(kTileBlocks - 1) * (kTileBlocks - 1) * kBlock);

struct Span {
  int64_t begin;
  int64_t end;
  int64_t size() const { return end - begin; }
};

static inline int64_t pieces_of(int64_t count, int64_t most) { return (count + most - 1) / most; }

// The i-th of `pieces` pieces of [0, count) that differ by one at most: no tile is left with a single row.
static inline Span piece(int64_t i, int64_t pieces, int64_t count) {
  return {i * count / pieces, (i + 1) * count / pieces};
}

static inline Span share(Part part, int64_t count) { return piece(part.index, part.count, count); }

static inline int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

// A vector of which only the first lanes are there; the others read 0 and are not written.
static inline Vec load_below(const float* p, int64_t lanes) {
  return lanes >= Vec::width ? Vec::load(p)
         : lanes <= 0        ? Vec::zero()
                             : Vec::load(p, static_cast<int>(lanes));
}
static inline void store_below(Vec v, float* p, int64_t lanes) {
  if (lanes >= Vec::width)
    v.store(p);
  else if (lanes > 0)
    v.store(p, static_cast<int>(lanes));
}

// Memory that will be wanted soon. A product asks for it line by line as it goes along: asked for at once it
// would keep the product's own operands waiting.
class Ahead {
 public:
  // `rows` rows of `lines` cache lines each.
  void add(const float* first, int64_t stride, int64_t lines, int64_t rows) {
    if (!first || lines <= 0 || rows <= 0) return;
    parts_[count_++] = {first, stride, lines, rows};
    left_ += lines * rows;
  }
  // Lines to ask for at each of so many times, so that all have been asked for in the end.
  int64_t pace(int64_t times) const { return times > 0 ? pieces_of(left_, times) : 0; }
  void ask(int64_t lines) {
    left_ -= lines;
    for (int64_t i = 0; i < lines && part_ < count_; ++i) {
      Rows& rows = parts_[part_];
      __builtin_prefetch(rows.at + line_ * kBlock);
      if (++line_ < rows.lines) continue;
      line_ = 0;
      rows.at += rows.stride;
      if (--rows.count == 0) ++part_;
    }
  }

 private:
  struct Rows {
    const float* at;
    int64_t stride, lines, count;
  };
  Rows parts_[6 + kMostTileRows];
  int count_ = 0, part_ = 0;
  int64_t line_ = 0, left_ = 0;
};

// One addend a·b of a tile, in words. The k loop runs over `segments` of `length`.
struct Term {
  const Word* a;  // [row][k]
  int64_t a_row;
  int64_t a_segment;
  const Word* b;  // [block][k][16]
  int64_t b_block;
  int64_t b_segment;
  int64_t length;
  int64_t segments;
  const float* scales = nullptr;  // of each row of a, where numbers are scaled
};

struct Product {
  const float* start;  // [row][block][16]
  int64_t start_row;   // 0: one row for all
  float* out;          // likewise; may be `start`
  int64_t out_row;
  Term terms[2];
  int term_count;
  Ahead* ahead = nullptr;
  int64_t block = kBlock;  // distance between the blocks of `start` and of `out`
};

// Products between two looks ahead.
constexpr int64_t kStrip = 16;

static inline int64_t strips_of(const Product& p) {
  int64_t strips = 0;
  for (int t = 0; t < p.term_count; ++t) strips += p.terms[t].segments * pieces_of(p.terms[t].length, kStrip);
  return strips;
}

// sums += a·b
template <class Numbers, int kRows, int kVectors>
static inline void add_term(const Term& term, Ahead* ahead, int64_t pace, Vec (&sum)[kRows][kVectors]) {
  for (int64_t s = 0; s < term.segments; ++s) {
    const Word* a = term.a + s * term.a_segment;
    const Word* b = term.b + s * term.b_segment;
    if (s + 1 < term.segments)  // too far away for the processor to guess
      for (int r = 0; r < kRows; ++r)
        for (int64_t k = 0; k < term.length; k += kBlock)
          __builtin_prefetch(a + term.a_segment + r * term.a_row + k);
    const int64_t strip = pace > 0 ? kStrip : term.length;
    for (int64_t left = term.length; left > 0; left -= strip) {
      if (pace > 0) ahead->ask(pace);
      const Word* end = a + smaller(left, strip);
      for (; a < end; ++a, b += kBlock) {
        Vec w[kVectors];
        for (int v = 0; v < kVectors; ++v)
          w[v] = Vec::load(b + (v / kBlockVectors) * term.b_block + (v % kBlockVectors) * Vec::width);
        for (int r = 0; r < kRows; ++r) {
          const Vec x = Vec::set(a[r * term.a_row]);
          for (int v = 0; v < kVectors; ++v) sum[r][v] = Numbers::dot(sum[r][v], x, w[v]);
        }
      }
    }
  }
}

template <class Numbers, int kRows, int kBlocks>
static void product_tile(const Product& p) {
  constexpr int kVectors = kBlocks * kBlockVectors;
  Vec sum[kRows][kVectors];
  const int64_t pace = p.ahead ? p.ahead->pace(strips_of(p)) : 0;
  const auto each = [&](auto body) { each_sum<kRows, kVectors>(body); };
  const auto column = [&](int v) { return v / kBlockVectors * p.block + v % kBlockVectors * Vec::width; };
  if constexpr (Numbers::kScaleRows == 0) {
    each([&](int r, int v)
             RECURRA_WRITTEN_OUT { sum[r][v] = Vec::load(p.start + r * p.start_row + column(v)); });
    for (int t = 0; t < p.term_count; ++t) add_term<Numbers>(p.terms[t], p.ahead, pace, sum);
    each([&](int r, int v) RECURRA_WRITTEN_OUT { sum[r][v].store(p.out + r * p.out_row + column(v)); });
  } else {
    for (int t = 0; t < p.term_count; ++t) {
      const Term& term = p.terms[t];
      const auto header = [&](int row, int v) {
        return Vec::load(term.b + (v / kBlockVectors) * term.b_block + (row - Numbers::kScaleRows) * kBlock +
                         (v % kBlockVectors) * Vec::width);
      };
      each([&](int r, int v) RECURRA_WRITTEN_OUT { sum[r][v] = header(1, v); });
      add_term<Numbers>(term, p.ahead, pace, sum);
      each([&](int r, int v) RECURRA_WRITTEN_OUT {
        const float* start = t == 0 ? p.start + r * p.start_row : p.out + r * p.out_row;
        const Vec scale = Vec::set(term.scales[r]) * header(0, v);
        fma(from_integers(sum[r][v]), scale, Vec::load(start + column(v)))
            .store(p.out + r * p.out_row + column(v));
      });
    }
  }
}

// out = start + aᵀ·b, where both run over rows of a sequence, a word's numbers being of rows that follow each
// other.
struct TransposedProduct {
  const Word* a;  // [row][…], as many columns as the tile has rows
  int64_t a_row;
  const Word* b;  // [row][16] of each block
  int64_t b_row;
  int64_t b_block;
  int64_t count;       // rows of words
  const float* start;  // [tile row][block][16], or null for zeros
  float* out;          // likewise; may be `start`
};

template <class Numbers, int kRows, int kBlocks>
static void transposed_product_tile(const TransposedProduct& p) {
  constexpr int kVectors = kBlocks * kBlockVectors;
  Vec sum[kRows][kVectors];
  each_sum<kRows, kVectors>([&](int r, int v) RECURRA_WRITTEN_OUT {
    sum[r][v] = p.start ? Vec::load(p.start + (r * kVectors + v) * Vec::width) : Vec::zero();
  });
  if (p.start)  // the next tile's lie behind
    for (int i = 0; i < kRows * kBlocks; ++i) __builtin_prefetch(p.start + (kRows * kBlocks + i) * kBlock);
  const Word* a = p.a;
  const Word* b = p.b;
  for (int64_t k = 0; k < p.count; ++k) {
    Vec w[kVectors];
    for (int v = 0; v < kVectors; ++v)
      w[v] = Vec::load(b + (v / kBlockVectors) * p.b_block + (v % kBlockVectors) * Vec::width);
    for (int r = 0; r < kRows; ++r) {
      const Vec x = Vec::set(a[r]);
      for (int v = 0; v < kVectors; ++v) sum[r][v] = Numbers::dot(sum[r][v], x, w[v]);
    }
    a += p.a_row;
    b += p.b_row;
  }
  each_sum<kRows, kVectors>(
      [&](int r, int v) RECURRA_WRITTEN_OUT { sum[r][v].store(p.out + (r * kVectors + v) * Vec::width); });
}

// The tile of this size: 1 ≤ width ≤ kTileBlocks, 1 ≤ count ≤ tile_rows(width).
template <class Numbers = Float32, int kBlocks = kTileBlocks, int kRows = tile_rows(kBlocks)>
static inline void product(int64_t count, int64_t width, const Product& p) {
  if constexpr (kBlocks > 1)
    if (width < kBlocks) return product<Numbers, kBlocks - 1>(count, width, p);
  if constexpr (kRows > 1)
    if (count < kRows) return product<Numbers, kBlocks, kRows - 1>(count, width, p);
  product_tile<Numbers, kRows, kBlocks>(p);
}

template <class Numbers, int kBlocks = kTileBlocks, int kRows = tile_rows(kBlocks)>
static inline void transposed_product(int64_t count, int64_t width, const TransposedProduct& p) {
  if constexpr (kBlocks > 1)
    if (width < kBlocks) return transposed_product<Numbers, kBlocks - 1>(count, width, p);
  if constexpr (kRows > 1)
    if (count < kRows) return transposed_product<Numbers, kBlocks, kRows - 1>(count, width, p);
  transposed_product_tile<Numbers, kRows, kBlocks>(p);
}

alignas(64) static const float kZeros[kTileColumns] = {};

// The columns of `units` [begin, begin + 16) of the i-th gate of a span.
struct GateColumns {
  int64_t first;
  int64_t count;
};
static inline GateColumns gate_columns(const GateSpan& span, int64_t i, int64_t units, int64_t block) {
  return {span.gates[i] * units + block * kBlock, smaller(kBlock, units - block * kBlock)};
}

// Packed weights: [block][k][16], blocks in the order (16 units, gate). Bands of rows, so that what is read
// stays in few pages.
static void pack_weights(const WeightPacking& p, Part part) {
  const int64_t row = p.gates * p.units;
  const Span blocks = share(part, blocks_of(p.units) * p.span.count);
  for (int64_t band = 0; band < p.rows; band += 16) {
    const int64_t end = smaller(band + 16, p.rows);
    for (int64_t block = blocks.begin; block < blocks.end; ++block) {
      const GateColumns columns = gate_columns(p.span, block % p.span.count, p.units, block / p.span.count);
      const float* from = p.weights + columns.first;
      float* to = p.packed + block * p.rows * kBlock;
      for (int64_t k = band; k < end; ++k)
        for (int u = 0; u < kBlock; u += Vec::width)
          load_below(from + k * row + u, columns.count - u).store(to + k * kBlock + u);
    }
  }
}

// to[column][lane] = from[lane][column], zero past `lanes` and `columns`.
static void transpose_block(const float* __restrict from, int64_t row, int64_t lanes, int64_t columns,
                            float* __restrict to) {
  if (lanes == kBlock && columns == kBlock) {  // whole blocks in the order that compilers make shuffles of
    for (int u = 0; u < kBlock; ++u)
      for (int lane = 0; lane < kBlock; ++lane) to[u * kBlock + lane] = from[lane * row + u];
    return;
  }
  for (int64_t u = 0; u < kBlock; ++u)
    for (int64_t lane = 0; lane < kBlock; ++lane)
      to[u * kBlock + lane] = lane < lanes && u < columns ? from[lane * row + u] : 0;
}

}  // namespace recurra::RECURRA_ISA::sequence
