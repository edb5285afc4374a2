// Includes the vector type of the instruction set that RECURRA_ISA names: scalar, avx2, avx512,
// avx512_bf16, neon or wasm.
// isa_*.cc define the macro; kernels open `namespace recurra::RECURRA_ISA`.
#pragma once

#define RECURRA_VEC_FILE(isa) <simd/vec_##isa.h>
#define RECURRA_VEC_HEADER(isa) RECURRA_VEC_FILE(isa)
#include RECURRA_VEC_HEADER(RECURRA_ISA)
#undef RECURRA_VEC_HEADER
#undef RECURRA_VEC_FILE
