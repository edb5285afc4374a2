#define RECURRA_ISA avx512_bf16
#include "simd/isa.inl.h"
