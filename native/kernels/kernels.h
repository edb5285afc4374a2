// The arithmetic of one instruction set: tables of functions that native/simd/isa_*.cc fill, one per set.
// Everything above this line of the house calls through here and knows no instruction set.
#pragma once

namespace recurra {

struct ElementwiseKernels;  // kernels/elementwise.h: arithmetic, activations, sums, losses, optimizers
struct GemmKernels;         // linalg/gemm.h: the matrix-product tile, its packer and its block sizes
struct RecurrentKernels;    // sequence/kernels.h: the tile of each cell, its packers and its block sizes
struct LimitKernels;        // kernels/limits.h: what the processor's limits are measured with

struct Kernels {
  const char* name;  // 'scalar', 'avx2', 'avx512', 'avx512_bf16', 'neon'
  const ElementwiseKernels* elementwise;
  const GemmKernels* gemm;
  const RecurrentKernels* recurrent;
  const LimitKernels* limits;
};

}  // namespace recurra
