// Sixteen floats in a 512-bit register, with dot products of bfloat16 and of bytes in one instruction each.
#pragma once

#include "simd/vec_avx512.h"
