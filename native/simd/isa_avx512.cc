#define RECURRA_ISA avx512
#include "simd/isa.inl.h"
