// What this machine can do at most with one instruction set on so many threads, as measured.
#pragma once

#include <cstddef>

#include "kernels/kernels.h"

namespace recurra {

struct Limits {
  double operations;  // per second, in fused multiply-adds that wait for no memory
  double bytes;       // per second from and to memory, by arrays that no cache holds
};

// Takes some half a second, on the calling thread and others, and up to `most_bytes` of memory. What else
// uses the processor makes both too low. Throws std::bad_alloc and std::system_error.
Limits measure_limits(int threads, const Kernels& kernels, size_t most_bytes);

}  // namespace recurra
