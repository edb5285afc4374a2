#define RECURRA_ISA neon
#include "simd/isa.inl.h"
