// The kernel tables that this binary may hold, one per isa_*.cc.
#pragma once

#include "kernels/kernels.h"

namespace recurra {
namespace scalar {
extern const Kernels kernels;
}
namespace avx2 {
extern const Kernels kernels;
}
namespace avx512 {
extern const Kernels kernels;
}
namespace avx512_bf16 {
extern const Kernels kernels;
}
namespace neon {
extern const Kernels kernels;
}
namespace wasm {
extern const Kernels kernels;
}
}  // namespace recurra
