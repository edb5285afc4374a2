// The tile of the matrix product: an outer product per k, its sums in registers from the first k to the last.
#pragma once

#include "linalg/gemm.h"
#include "simd/each_sum.h"
#include "simd/vec.h"

namespace recurra::RECURRA_ISA {

// Vectors across a tile, and rows of one with so many: as many sums as the registers hold beside one row of B
// and one element of A. Fewer vectors take more rows, as each load of B is to serve many.
#if defined(__AVX512F__)
static constexpr int kTileVectors = 4, kMaxRows = 8;
static constexpr int tile_rows(int vectors) { return vectors < kTileVectors ? 8 : 6; }
#elif defined(__AVX2__)
static constexpr int kTileVectors = 2, kMaxRows = 6;
static constexpr int tile_rows(int) { return 6; }
#elif defined(__aarch64__)
static constexpr int kTileVectors = Vec::width == 1 ? 4 : 3, kMaxRows = Vec::width == 1 ? 4 : 8;
static constexpr int tile_rows(int) { return kMaxRows; }
#else
static constexpr int kTileVectors = 4, kMaxRows = 4;
static constexpr int tile_rows(int) { return 4; }
#endif

// Lines of C that a tile will write, or the next one read: on their way while it adds up.
template <int kRows, int kVectors>
static void ask_for_sums(const GemmKernels::Tile& t) {
  constexpr int kLine = 16, kStep = Vec::width < kLine ? kLine : Vec::width;
  const float* c = t.c + (t.init == t.c ? kVectors * Vec::width : 0);
  for (int i = 0; i < kRows; ++i)
    for (int j = 0; j < kVectors * Vec::width; j += kStep) __builtin_prefetch(c + i * t.c_row + j, 1);
}

template <int kRows, int kVectors>
static void tile(const GemmKernels::Tile& t) {
  constexpr int w = Vec::width;
  const int last = t.columns - (kVectors - 1) * w;  // columns in the last vector
  Vec sums[kRows][kVectors];
  each_sum<kRows, kVectors>([&](int i, int v) RECURRA_WRITTEN_OUT {
    const float* init = t.init + i * t.init_row + v * w;
    sums[i][v] = t.init == nullptr ? Vec::zero() : v + 1 < kVectors ? Vec::load(init) : Vec::load(init, last);
  });
  ask_for_sums<kRows, kVectors>(t);

  const float* a[kRows];
  for (int i = 0; i < kRows; ++i) a[i] = t.a + i * t.a_row;
  const float* b = t.b;
  for (int64_t k = 0; k < t.depth; ++k) {
    Vec row[kVectors];
    for (int v = 0; v < kVectors; ++v) row[v] = Vec::load(b + v * w);
    for (int i = 0; i < kRows; ++i) {
      const Vec x = Vec::set(*a[i]);
      for (int v = 0; v < kVectors; ++v) sums[i][v] = fma(x, row[v], sums[i][v]);
      a[i] += t.a_column;
    }
    b += t.b_row;
  }

  each_sum<kRows, kVectors>([&](int i, int v) RECURRA_WRITTEN_OUT {
    float* c = t.c + i * t.c_row + v * w;
    if (v + 1 < kVectors)
      sums[i][v].store(c);
    else
      sums[i][v].store(c, last);
  });
}

// The instance that just holds the tile.
template <int kVectors, int kRows = tile_rows(kVectors)>
static void fit_tile(const GemmKernels::Tile& t) {
  if constexpr (kVectors > 1)
    if (t.columns <= (kVectors - 1) * Vec::width) return fit_tile<kVectors - 1>(t);
  if constexpr (kRows > 1)
    if (t.rows < kRows) return fit_tile<kVectors, kRows - 1>(t);
  tile<kRows, kVectors>(t);
}

static void pack(const float* b, ptrdiff_t row, ptrdiff_t column, int64_t depth, int columns, int stride,
                 float* packed) {
  if (column == 1 && columns < Vec::width && stride <= Vec::width) {
    for (int64_t k = 0; k < depth; ++k, b += row, packed += stride)
      Vec::load(b, columns).store(packed, stride);
    return;
  }
  if (column == 1) {
    for (int64_t k = 0; k < depth; ++k, b += row, packed += stride) {
      int j = 0;
      for (; j + Vec::width <= columns; j += Vec::width) Vec::load(b + j).store(packed + j);
      if (j < columns) Vec::load(b + j, columns - j).store(packed + j, columns - j);
      for (j = columns; j < stride; ++j) packed[j] = 0;
    }
    return;
  }
  // Transposed: a few rows of the panel at a time, so that what is written stays in the first-level cache.
  constexpr int64_t kStrip = 16;
  for (int64_t begin = 0; begin < depth; begin += kStrip) {
    const int64_t strip = depth - begin < kStrip ? depth - begin : kStrip;
    for (int j = 0; j < stride; ++j)
      for (int64_t k = 0; k < strip; ++k)
        packed[(begin + k) * stride + j] = j < columns ? b[(begin + k) * row + j * column] : 0;
  }
}

static constexpr GemmKernels gemm_kernels = {
    .width = Vec::width,
    .max_rows = kMaxRows,
    .max_vectors = kTileVectors,
    .max_depth = 512,
    .max_columns = 256,
    .tile_rows = tile_rows,
    .tile = fit_tile<kTileVectors>,
    .pack = pack,
};

}  // namespace recurra::RECURRA_ISA
