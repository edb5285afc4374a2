// What one worker's share of the tiles dealt out has been taken of, by itself or by others that were done
// earlier; sequence/deal.inl.h counts in it.
#pragma once

#include <cstdint>

namespace recurra {

struct alignas(64) Claims {
  uint64_t taken = 0;  // number of the deal << 32 | pieces taken of the share
};

}  // namespace recurra
