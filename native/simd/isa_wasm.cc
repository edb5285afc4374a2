#define RECURRA_ISA wasm
#include "simd/isa.inl.h"
