// The rate that nothing which comes from memory can exceed by much: a = b + s·c over arrays far larger than the last
// cache, on `threads=N` threads. McCalpin 1995, STREAM. Prints the best pass, in GB/s, of the three arrays that the
// program names; what a processor reads of a line before it writes it does not count: {"triad":31.4}.

#include <omp.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace {

constexpr long kLeastBytes = 64L << 20;  // of an array, where the size of the last cache is not known
constexpr long kCaches = 4;              // last caches that an array must be larger than
constexpr int kPasses = 30;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Unknown to the compiler.
volatile float factor = 0.75f, sink;

double triad(int threads, long count) {
  std::unique_ptr<float[]> a(new float[count]), b(new float[count]), c(new float[count]);
  const float s = factor;
  double best = 0, start = 0;
#pragma omp parallel num_threads(threads)
  {
#pragma omp for schedule(static)  // a page lies near the thread that touches it first
    for (long i = 0; i < count; i++) a[i] = 0, b[i] = 1, c[i] = 2;
    for (int pass = 0; pass < kPasses; pass++) {
#pragma omp barrier
#pragma omp master
      start = now();
#pragma omp barrier
#pragma omp for schedule(static)
      for (long i = 0; i < count; i++) a[i] = b[i] + s * c[i];
#pragma omp master
      best = std::max(best, 3 * sizeof(float) * count / (now() - start));
    }
  }
  sink = a[count / 2];
  return best / 1e9;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2 || strncmp(arguments[1], "threads=", 8) != 0) return 2;
  const long cache = sysconf(_SC_LEVEL3_CACHE_SIZE);
  const long bytes = std::max(kLeastBytes, kCaches * cache);
  printf("{\"triad\":%.1f}\n", triad(atoi(arguments[1] + 8), bytes / static_cast<long>(sizeof(float))));
}
