#define RECURRA_ISA scalar
#include "simd/isa.inl.h"
