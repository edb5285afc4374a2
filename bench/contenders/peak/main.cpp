// The rate that no kernel can exceed: independent chains of fused multiply-adds that never leave the
// registers, on `threads=N` threads. Prints the best window of each vector width, in GF/s:
// {"avx512":272.1,"avx2":137.9}.

#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace {

// More than latency times units of any processor (4 · 2 on Zen 5 and Golden Cove); 16 registers hold them.
constexpr int kChains = 12;
constexpr double kWindow = 2.5e9;  // operations of a thread between two looks at the clock: some 10 ms
constexpr int kWindows = 10;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Unknown to the compiler; a chain x·m + a tends to a / (1 − m), far from denormals.
volatile float multiplier = 0.75f, addend = 0.25f, sink;

template <int kBytes>
struct Vector {
  typedef float type __attribute__((vector_size(kBytes)));
};

template <int kBytes, size_t... k>
void run_chains(long rounds, std::index_sequence<k...>) {
  using Vec = typename Vector<kBytes>::type;
  const Vec m = Vec{} + multiplier, a = Vec{} + addend;
  Vec x[kChains];
  ((x[k] = a + static_cast<float>(k)), ...);
  // Written out by the pack, so that every index is a constant: an array that a loop walks over stays in
  // memory.
  for (long round = 0; round < rounds; round++) ((x[k] = x[k] * m + a), ...);
  sink = (x[k][0] + ...);
}

// GF/s of all threads together.
template <int kBytes>
double peak(int threads) {
  const double each = 2.0 * kChains * kBytes / sizeof(float);
  const long rounds = static_cast<long>(kWindow / each);
  double best = 0, start = 0;
#pragma omp parallel num_threads(threads)
  for (int window = 0; window < kWindows; window++) {
#pragma omp barrier
#pragma omp master
    start = now();
#pragma omp barrier
    run_chains<kBytes>(rounds, std::make_index_sequence<kChains>());
#pragma omp barrier
#pragma omp master
    best = std::max(best, threads * rounds * each / (now() - start));
  }
  return best / 1e9;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2 || strncmp(arguments[1], "threads=", 8) != 0) return 2;
  const int threads = atoi(arguments[1] + 8);
#ifdef __AVX512F__
  printf("{\"avx512\":%.1f,\"avx2\":%.1f}\n", peak<64>(threads), peak<32>(threads));
#elif defined(__FMA__)
  printf("{\"avx2\":%.1f}\n", peak<32>(threads));
#else
  printf("{\"baseline\":%.1f}\n", peak<16>(threads));
#endif
}
