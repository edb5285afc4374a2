#include "cpu/isa.h"

#include "simd/isa.h"

namespace recurra {
namespace {

std::vector<const Kernels*> detect() {
  std::vector<const Kernels*> found;
#if defined(__x86_64__)
  // These ask the operating system too: whether it saves the wide registers.
  const bool fma = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool wide = fma && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                    __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  if (wide && __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bf16"))
    found.push_back(&avx512_bf16::kernels);
  if (wide) found.push_back(&avx512::kernels);
  if (fma) found.push_back(&avx2::kernels);
#elif defined(__aarch64__)
  found.push_back(&neon::kernels);
#endif
  found.push_back(&scalar::kernels);
  return found;
}

}  // namespace

const std::vector<const Kernels*>& available_kernels() {
  static const std::vector<const Kernels*> found = detect();
  return found;
}

const Kernels* kernels_named(std::string_view name) {
  for (const Kernels* kernels : available_kernels())
    if (name == kernels->name) return kernels;
  return nullptr;
}

}  // namespace recurra
