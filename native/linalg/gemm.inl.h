// The tile of the matrix product: an outer product per k, its sums in registers from the first k to the last.
#pragma once

#include "linalg/gemm.h"
#include "simd/vec.h"

namespace recurra::RECURRA_ISA {

// Rows and vectors across: as many sums as the registers hold beside one row of B and one element of A.
#if defined(__AVX512F__)
static constexpr int kTileRows = 6, kTileVectors = 4;
#elif defined(__AVX2__)
static constexpr int kTileRows = 6, kTileVectors = 2;
#elif defined(__aarch64__)
static constexpr int kTileRows = Vec::width == 1 ? 4 : 8, kTileVectors = Vec::width == 1 ? 4 : 3;
#else
static constexpr int kTileRows = 4, kTileVectors = 4;
#endif

template <int kRows, int kVectors>
static void tile(const GemmKernels::Tile& t) {
  constexpr int w = Vec::width;
  const int last = t.columns - (kVectors - 1) * w;  // columns in the last vector
  Vec sums[kRows][kVectors];
  for (int i = 0; i < kRows; ++i)
    for (int v = 0; v < kVectors; ++v) {
      const float* init = t.init + i * t.init_row + v * w;
      sums[i][v] = t.init == nullptr  ? Vec::zero()
                   : v + 1 < kVectors ? Vec::load(init)
                                      : Vec::load(init, last);
    }

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

  for (int i = 0; i < kRows; ++i) {
    float* c = t.c + i * t.c_row;
    for (int v = 0; v + 1 < kVectors; ++v) sums[i][v].store(c + v * w);
    sums[i][kVectors - 1].store(c + (kVectors - 1) * w, last);
  }
}

// The instance that just holds the tile.
template <int kRows, int kVectors>
static void fit_tile(const GemmKernels::Tile& t) {
  if constexpr (kRows > 1)
    if (t.rows < kRows) return fit_tile<kRows - 1, kVectors>(t);
  if constexpr (kVectors > 1)
    if (t.columns <= (kVectors - 1) * Vec::width) return fit_tile<kRows, kVectors - 1>(t);
  tile<kRows, kVectors>(t);
}

static void pack(const float* b, ptrdiff_t row, ptrdiff_t column, int64_t depth, int columns, int stride,
                 float* packed) {
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
    .max_rows = kTileRows,
    .max_vectors = kTileVectors,
    .max_depth = 512,
    .max_columns = 256,
    .tile = fit_tile<kTileRows, kTileVectors>,
    .pack = pack,
};

}  // namespace recurra::RECURRA_ISA
