// How a run under way learns that it is to end.
#pragma once

#include <cstdint>

namespace recurra {

#if defined(__wasm__)
// No other thread sees this memory: the host is asked.
extern "C" __attribute__((import_module("host"), import_name("cancelled"))) int32_t host_cancelled();
inline bool asked_to_end(const int32_t*) { return host_cancelled() != 0; }
#else
// Another thread sets the flag that the run was given; null where there is none.
inline bool asked_to_end(const int32_t* flag) {
  return flag != nullptr && __atomic_load_n(flag, __ATOMIC_RELAXED) != 0;
}
#endif

}  // namespace recurra
