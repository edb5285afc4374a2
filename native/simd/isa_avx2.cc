#define RECURRA_ISA avx2
#include "simd/isa.inl.h"
