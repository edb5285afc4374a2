// Compiles every kernel for the instruction set RECURRA_ISA and gathers them in its table.
#pragma once

#include "linalg/gemm.inl.h"
#include "simd/isa.h"
#include "simd/vec.h"
#if __has_include("kernels/elementwise_all.inl.h")
#include "kernels/elementwise_all.inl.h"
#endif
#if __has_include("sequence/all.inl.h")
#include "sequence/all.inl.h"
#endif

#define RECURRA_QUOTE_(x) #x
#define RECURRA_QUOTE(x) RECURRA_QUOTE_(x)

namespace recurra::RECURRA_ISA {

const Kernels kernels = {
    .name = RECURRA_QUOTE(RECURRA_ISA),
#if __has_include("kernels/elementwise_all.inl.h")
    .elementwise = &elementwise_kernels,
#else
    .elementwise = nullptr,
#endif
    .gemm = &gemm_kernels,
#if __has_include("sequence/all.inl.h")
    .recurrent = &recurrent_kernels,
#else
    .recurrent = nullptr,
#endif
};

}  // namespace recurra::RECURRA_ISA
