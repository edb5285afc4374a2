// Compiles every kernel for the instruction set RECURRA_ISA and gathers them in its table.
#pragma once

#include "kernels/elementwise_all.inl.h"
#include "kernels/limits.inl.h"
#include "linalg/gemm.inl.h"
#include "sequence/all.inl.h"
#include "simd/isa.h"
#include "simd/vec.h"

#define RECURRA_QUOTE_(x) #x
#define RECURRA_QUOTE(x) RECURRA_QUOTE_(x)

namespace recurra::RECURRA_ISA {

const Kernels kernels = {
    .name = RECURRA_QUOTE(RECURRA_ISA),
    .elementwise = &elementwise_kernels,
    .gemm = &gemm_kernels,
    .recurrent = &recurrent_kernels,
    .limits = &limit_kernels,
};

}  // namespace recurra::RECURRA_ISA
