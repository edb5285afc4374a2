// C = A·B, plus a bias or what C held before. Packed and blocked (Goto & van de Geijn 2008); every element is
// one chain of fused multiply-adds in order of k, whatever the blocks, the tile and the number of threads.
#pragma once

#include <cstddef>
#include <cstdint>

#include "parallel/pool.h"

namespace recurra {

// The tile of one instruction set, its packers and its block size.
struct GemmKernels {
  // The operands of one tile: element (i, k) of A is at a[i·a_row + k·a_column], row k of the panel of B at
  // b[k·b_row]. The sums start from init[i·init_row + j], or from zero where that is null; it may be C
  // itself.
  struct Tile {
    int64_t depth;
    const float* a;
    ptrdiff_t a_row;
    ptrdiff_t a_column;
    const float* b;
    ptrdiff_t b_row;
    const float* init;
    ptrdiff_t init_row;
    float* c;
    ptrdiff_t c_row;
    int rows;     // 1 … tile_rows(vectors)
    int columns;  // 1 … max_vectors·width
  };

  int width;            // floats in a vector
  int max_rows;         // of any tile
  int max_vectors;      // across a tile
  int64_t max_depth;    // of a block
  int64_t max_columns;  // of a block, so that it stays in the second-level cache

  int (*tile_rows)(int vectors);  // rows of a tile of at most so many vectors
  // B's panel must be readable up to a whole number of vectors.
  void (*tile)(const Tile& tile);
  // packed[k·stride + j] = b[k·row + j·column], zero for columns <= j < stride.
  void (*pack)(const float* b, ptrdiff_t row, ptrdiff_t column, int64_t depth, int columns, int stride,
               float* packed);
};

// A matrix in memory: element (i, j) at data[i·row + j·column], one of the two strides being 1.
struct Matrix {
  const float* data;
  ptrdiff_t row;
  ptrdiff_t column;
};

enum class GemmInit { kZero, kBias, kAccumulate };

struct Gemm {
  int64_t rows;     // of A and C
  int64_t columns;  // of B and C
  int64_t depth;    // columns of A, rows of B
  Matrix a;
  Matrix b;
  float* c;
  ptrdiff_t c_row;  // at least `columns`
  GemmInit init = GemmInit::kZero;
  const float* bias = nullptr;  // [columns], with kBias
};

// How many threads so many multiply-adds should have now: one where others would take longer to come than
// they save.
int gemm_threads(int64_t multiply_adds, Pool& pool);

// Scratch memory that `gemm` on so many threads needs, in bytes.
uint64_t gemm_workspace(const GemmKernels& kernels, const Gemm& product, int threads);

// On `threads` threads of the pool. `workspace` is 64-byte aligned.
void gemm(const GemmKernels& kernels, const Gemm& product, Pool& pool, int threads, void* workspace);

// The same on the calling thread alone, which may be a worker; `workspace` is for one thread.
void gemm_alone(const GemmKernels& kernels, const Gemm& product, Pool& pool, void* workspace);

}  // namespace recurra
